// Checks, with other people's code, what our code made: notes with sumdb/note, proofs and tiles with
// sumdb/tlog. Two things those do not read are written here: a C2SP checkpoint, and the cosignature
// of a witness (key type 0x04).
//
// Usage: trail FOLDER      (as tests/trail/maker makes it); prints what was checked, exits 1 if
// anything fails.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight  = 8
	witnessType = 4
)

// A tree as a checkpoint names it: exactly three lines.
func parseCheckpoint(text string) (origin string, tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return "", tree, errors.New("not three lines")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != lines[1] || tree.N < 0 {
		return "", tree, errors.New("no size")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return lines[0], tree, err
}

// A witness's key, as a note.Verifier: its signature is of the time and the checkpoint.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != witnessType {
		return nil, errors.New("not a witness's key")
	}
	return &witness{parts[0], uint32(id), key[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

func verifierOf(vkey string) (note.Verifier, error) {
	if verifier, err := note.NewVerifier(vkey); err == nil {
		return verifier, nil
	}
	return newWitness(vkey)
}

type checker struct {
	folder string
	counts map[string]int
}

func (c *checker) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(c.folder, name))
}

func (c *checker) lines(name string, check func([]string) error) error {
	bytes_, err := c.read(name)
	if err != nil {
		return err
	}
	scanner := bufio.NewScanner(bytes.NewReader(bytes_))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		words := strings.Fields(scanner.Text())
		if err := check(words); err != nil {
			return fmt.Errorf("%s: %q: %w", name, scanner.Text(), err)
		}
		c.counts[words[0]]++
	}
	return scanner.Err()
}

// open VKEYS FILE, or refuse VKEYS FILE: all of the keys must have signed the note; or it must not
// open with them.
func (c *checker) note(words []string) error {
	var verifiers []note.Verifier
	for _, vkey := range strings.Split(words[1], ",") {
		verifier, err := verifierOf(vkey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, verifier)
	}
	text, err := c.read(words[2])
	if err != nil {
		return err
	}
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	if words[0] == "refuse" {
		if err == nil {
			return errors.New("was opened")
		}
		return nil
	}
	if err != nil {
		return err
	}
	if len(opened.Sigs) != len(verifiers) {
		return fmt.Errorf("%d of %d signatures hold", len(opened.Sigs), len(verifiers))
	}
	_, _, err = parseCheckpoint(opened.Text)
	return err
}

func hashes(words []string) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, word := range words {
		hash, err := tlog.ParseHash(word)
		if err != nil {
			return nil, err
		}
		list = append(list, hash)
	}
	return list, nil
}

// inclusion INDEX SIZE LEAF ROOT HASH..., or consistency OLD SIZE OLDROOT ROOT HASH...: must hold,
// and must not with one bit changed.
func (c *checker) proof(words []string) error {
	first, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return err
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil {
		return err
	}
	list, err := hashes(words[3:])
	if err != nil {
		return err
	}
	check := func(proof []tlog.Hash) error {
		if words[0] == "inclusion" {
			return tlog.CheckRecord(proof, size, list[1], first, list[0])
		}
		return tlog.CheckTree(proof, size, list[1], first, list[0])
	}
	if err := check(list[2:]); err != nil {
		return err
	}
	for i := range list[2:] {
		list[2+i][0] ^= 1
		if check(list[2:]) == nil {
			return errors.New("a forged proof holds")
		}
		list[2+i][0] ^= 1
	}
	return nil
}

// The files of an export, as tlog's tiles.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes_, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes_)
	}
	return all, nil
}

// export VKEY FOLDER: every leaf is what the bundles hold, and tlog proves each from our tiles.
func (c *checker) export(words []string) error {
	folder := filepath.Join(c.folder, words[2])
	verifier, err := note.NewVerifier(words[1])
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	origin, tree, err := parseCheckpoint(opened.Text)
	if err != nil || origin != verifier.Name() {
		return fmt.Errorf("origin %q: %v", origin, err)
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := int(min64(1<<tileHeight, tree.N-first))
		tile := tlog.Tile{H: tileHeight, L: 0, N: first >> tileHeight, W: width}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return err
		}
		for i := int64(0); i < int64(width); i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			bundle = bundle[2+length:]
			stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first+i)})
			if err != nil {
				return err
			}
			if stored[0] != leaf {
				return fmt.Errorf("entry %d has another leaf", first+i)
			}
			if i%61 != 0 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, first+i, reader)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, first+i, leaf); err != nil {
				return err
			}
		}
		if len(bundle) != 0 {
			return fmt.Errorf("%d bytes are left over in %s", len(bundle), path)
		}
	}
	return nil
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func run(folder string) error {
	c := &checker{folder, map[string]int{}}
	return errorsOf(
		c.lines("notes", c.note),
		c.lines("proofs", c.proof),
		c.lines("exports", c.export),
		c.report(),
	)
}

// What was checked; nothing of a kind is an error too.
func (c *checker) report() error {
	for _, kind := range []string{"open", "refuse", "inclusion", "consistency", "export"} {
		if c.counts[kind] == 0 {
			return fmt.Errorf("there was no %s to check", kind)
		}
		fmt.Printf("%s: %d\n", kind, c.counts[kind])
	}
	return nil
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trail FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "trail:", err)
		os.Exit(1)
	}
}
