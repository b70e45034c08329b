// A witness that shares no line with ours (C2SP tlog-witness and tlog-cosignature), for tests: it
// checks notes with sumdb/note and consistency with sumdb/tlog, keeps the last checkpoint that it
// signed, and signs a later one only if it goes on from there.
//
// Usage: witness serve NAME SEED FOLDER LOG_VKEY...   prints its verifier key and its address
//
//	witness key NAME SEED                        prints its verifier key
//	witness cosign NAME SEED TIME < CHECKPOINT   prints its line, whatever the checkpoint is
//
// SEED is 64 hexadecimal digits. Serving: JALON_TEST_CERTIFICATE and JALON_TEST_KEY, files, make it
// speak TLS. JALON_TEST_CONFLICT makes it answer 409, as newer texts of tlog-witness have it, where
// it is shown another root at a size that it has seen; else it answers 422. State lies in FOLDER.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	witnessType  = 4
	hashesMax    = 63
	bodyBytesMax = 1 << 20
)

type witness struct {
	name string
	key  ed25519.PrivateKey

	logs   note.Verifiers
	folder string
	mutex  sync.Mutex // from the look at the last checkpoint until the next one is written
}

func (w *witness) publicKey() []byte {
	return append([]byte{witnessType}, w.key.Public().(ed25519.PublicKey)...)
}

func (w *witness) keyID() []byte {
	sum := sha256.Sum256(append([]byte(w.name+"\n"), w.publicKey()...))
	return sum[:4]
}

func (w *witness) verifierKey() string {
	return fmt.Sprintf("%s+%x+%s", w.name, w.keyID(),
		base64.StdEncoding.EncodeToString(w.publicKey()))
}

// The line by which it says that it saw the checkpoint then.
func (w *witness) cosign(text string, at uint64) string {
	blob := append([]byte{}, w.keyID()...)
	blob = binary.BigEndian.AppendUint64(blob, at)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	blob = append(blob, ed25519.Sign(w.key, []byte(message))...)
	return fmt.Sprintf("\u2014 %s %s\n", w.name, base64.StdEncoding.EncodeToString(blob))
}

func parseCheckpoint(text string) (origin string, tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" || lines[0] == "" {
		return "", tree, errors.New("no checkpoint")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != lines[1] || tree.N < 0 {
		return "", tree, errors.New("no size")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return lines[0], tree, err
}

// What was signed last of the log.
func (w *witness) last(origin string) (tree tlog.Tree, err error) {
	text, err := os.ReadFile(w.fileOf(origin))
	if errors.Is(err, os.ErrNotExist) {
		return tree, nil
	}
	if err != nil {
		return tree, err
	}
	_, tree, err = parseCheckpoint(string(text))
	return tree, err
}

func (w *witness) fileOf(origin string) string {
	return filepath.Join(w.folder, fmt.Sprintf("%x", sha256.Sum256([]byte(origin))))
}

// Written whole, and synced, before anything is answered.
func (w *witness) remember(origin, text string) error {
	next := w.fileOf(origin) + ".next"
	file, err := os.Create(next)
	if err != nil {
		return err
	}
	if _, err = file.WriteString(text); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(next, w.fileOf(origin))
}

type request struct {
	old   int64
	proof tlog.TreeProof
	note  []byte
}

func parseRequest(body []byte) (r request, err error) {
	for first := true; ; first = false {
		end := bytes.IndexByte(body, '\n')
		if end < 0 {
			return r, errors.New("no checkpoint follows")
		}
		line := string(body[:end])
		body = body[end+1:]
		if first {
			if r.old, err = strconv.ParseInt(strings.TrimPrefix(line, "old "), 10, 64); err != nil {
				return r, err
			}
			if line != fmt.Sprintf("old %d", r.old) || r.old < 0 {
				return r, errors.New("no old size")
			}
			continue
		}
		if line == "" {
			r.note = body
			return r, nil
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return r, err
		}
		if r.proof = append(r.proof, hash); len(r.proof) > hashesMax {
			return r, errors.New("too many hashes")
		}
	}
}

func (w *witness) ServeHTTP(to http.ResponseWriter, from *http.Request) {
	if from.Method != http.MethodPost || !strings.HasSuffix(from.URL.Path, "/add-checkpoint") {
		http.Error(to, "POST add-checkpoint", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(io.LimitReader(from.Body, bodyBytesMax))
	if err != nil {
		http.Error(to, err.Error(), http.StatusBadRequest)
		return
	}
	r, err := parseRequest(body)
	if err != nil {
		http.Error(to, err.Error(), http.StatusBadRequest)
		return
	}
	status, answer := w.add(r)
	if status == http.StatusConflict {
		to.Header().Set("Content-Type", "text/x.tlog.size")
	}
	to.WriteHeader(status)
	io.WriteString(to, answer)
}

func (w *witness) add(r request) (status int, answer string) {
	opened, err := note.Open(r.note, w.logs)
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		origin, _, err := parseCheckpoint(unverified.Note.Text)
		if err == nil && w.knows(origin) {
			return http.StatusForbidden, "no signature of its key\n"
		}
		return http.StatusNotFound, "unknown log\n"
	}
	if err != nil {
		return http.StatusForbidden, err.Error() + "\n"
	}
	origin, tree, err := parseCheckpoint(opened.Text)
	if err != nil {
		return http.StatusBadRequest, err.Error() + "\n"
	}
	if opened.Sigs[0].Name != origin {
		return http.StatusNotFound, "unknown log\n"
	}
	if r.old > tree.N {
		return http.StatusBadRequest, "old size beyond the checkpoint's\n"
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	last, err := w.last(origin)
	if err != nil {
		return http.StatusInternalServerError, err.Error() + "\n"
	}
	if r.old != last.N {
		return http.StatusConflict, fmt.Sprintf("%d\n", last.N)
	}
	if last.N == tree.N && last.N != 0 && last.Hash != tree.Hash {
		if os.Getenv("JALON_TEST_CONFLICT") != "" {
			return http.StatusConflict, fmt.Sprintf("%d\n", last.N)
		}
		return http.StatusUnprocessableEntity, "another root at this size\n"
	}
	if 0 < last.N && last.N < tree.N {
		if err := tlog.CheckTree(r.proof, tree.N, tree.Hash, last.N, last.Hash); err != nil {
			return http.StatusUnprocessableEntity, err.Error() + "\n"
		}
	} else if len(r.proof) != 0 {
		return http.StatusUnprocessableEntity, "a proof where there is none\n"
	}
	if err := w.remember(origin, opened.Text); err != nil {
		return http.StatusInternalServerError, err.Error() + "\n"
	}
	return http.StatusOK, w.cosign(opened.Text, uint64(time.Now().Unix()))
}

// The logs by name, whichever key signs.
type logs []note.Verifier

func (l logs) Verifier(name string, hash uint32) (note.Verifier, error) {
	return note.VerifierList(l...).Verifier(name, hash)
}

func (w *witness) knows(origin string) bool {
	for _, verifier := range w.logs.(logs) {
		if verifier.Name() == origin {
			return true
		}
	}
	return false
}

func (w *witness) serve(vkeys []string) error {
	var known logs
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return err
		}
		known = append(known, verifier)
	}
	w.logs = known
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	certificate, key := os.Getenv("JALON_TEST_CERTIFICATE"), os.Getenv("JALON_TEST_KEY")
	scheme := "http"
	if certificate != "" {
		scheme = "https"
	}
	fmt.Printf("%s\n%s://%s/a/prefix\n", w.verifierKey(), scheme, listener.Addr())
	if certificate != "" {
		return http.ServeTLS(listener, w, certificate, key)
	}
	return http.Serve(listener, w)
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: witness serve|key|cosign NAME SEED ...")
	}
	seed, err := hex.DecodeString(args[2])
	if err != nil || len(seed) != ed25519.SeedSize {
		return errors.New("SEED is 64 hexadecimal digits")
	}
	w := &witness{name: args[1], key: ed25519.NewKeyFromSeed(seed)}
	switch {
	case args[0] == "key" && len(args) == 3:
		fmt.Println(w.verifierKey())
		return nil
	case args[0] == "cosign" && len(args) == 4:
		at, err := strconv.ParseUint(args[3], 10, 64)
		if err != nil {
			return err
		}
		signed, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		text := signed[:bytes.LastIndex(signed, []byte("\n\n"))+1]
		fmt.Print(w.cosign(string(text), at))
		return nil
	case args[0] == "serve" && len(args) > 4:
		w.folder = args[3]
		return w.serve(args[4:])
	}
	return errors.New("usage: witness serve|key|cosign NAME SEED ...")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "witness:", err)
		os.Exit(1)
	}
}
