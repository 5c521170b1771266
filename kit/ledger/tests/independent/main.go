// Command main checks a log with code that shares nothing with the one that made it:
// golang.org/x/mod/sumdb, by which Go checks its own checksum database.
//
//	main KEY FOLDER PROOFS
//
// FOLDER holds checkpoint and tile. A line of PROOFS is a proof to check, hashes in base64:
// "inclusion INDEX HASH…" or "consistency SIZE HASH…", the second from the first SIZE entries on.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder hands tiles over, by the paths of C2SP tlog-tiles: those of Go name the height too.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
		bytes, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// head opens the checkpoint: its signature counts, then its size and its root.
func head(key string, f folder) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	must(err)
	text, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	if _, err := note.Open(bytes.Replace(text, []byte("\n"), []byte("x\n"), 1),
		note.VerifierList(verifier)); err == nil {
		log.Fatal("a changed checkpoint was taken")
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatalf("the checkpoint is about %q", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func hash(text string) tlog.Hash {
	decoded, err := base64.StdEncoding.DecodeString(text)
	must(err)
	var hash tlog.Hash
	if copy(hash[:], decoded) != tlog.HashSize || len(decoded) != tlog.HashSize {
		log.Fatalf("%q isn't a hash", text)
	}
	return hash
}

// entries checks every entry of the log against the tree; the reader checks each tile by the root.
func entries(f folder, tree tlog.Tree, reader tlog.HashReader) int64 {
	var index int64
	for index < tree.N {
		width := tree.N - index
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: int(width)}
		bundle, err := f.ReadTiles([]tlog.Tile{tile})
		must(err)
		rest := bundle[0]
		var leaves []int64
		var found []tlog.Hash
		for i := int64(0); i < width; i++ {
			length := int(binary.BigEndian.Uint16(rest))
			found = append(found, tlog.RecordHash(rest[2:2+length]))
			leaves = append(leaves, tlog.StoredHashIndex(0, index+i))
			rest = rest[2+length:]
		}
		if len(rest) > 0 {
			log.Fatalf("%d bytes too many behind entry %d", len(rest), index+width-1)
		}
		expected, err := reader.ReadHashes(leaves)
		must(err)
		for i := range found {
			if found[i] != expected[i] {
				log.Fatalf("entry %d isn't the one of its leaf", index+int64(i))
			}
		}
		index += width
	}
	return index
}

func check(kind string, number int64, proof []tlog.Hash, tree tlog.Tree, reader tlog.HashReader) error {
	if kind == "inclusion" {
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, number)})
		must(err)
		return tlog.CheckRecord(proof, tree.N, tree.Hash, number, leaf[0])
	}
	older, err := tlog.TreeHash(number, reader)
	must(err)
	return tlog.CheckTree(proof, tree.N, tree.Hash, number, older)
}

// own is the proof that Go makes of the same.
func own(kind string, number int64, tree tlog.Tree, reader tlog.HashReader) []tlog.Hash {
	if kind == "inclusion" {
		proof, err := tlog.ProveRecord(tree.N, number, reader)
		must(err)
		return proof
	}
	proof, err := tlog.ProveTree(tree.N, number, reader)
	must(err)
	return proof
}

func main() {
	log.SetFlags(0)
	f := folder(os.Args[2])
	tree := head(os.Args[1], f)
	reader := tlog.TileHashReader(tree, f)
	read := entries(f, tree, reader)
	file, err := os.Open(os.Args[3])
	must(err)
	proofs := 0
	for lines := bufio.NewScanner(file); lines.Scan(); proofs++ {
		words := strings.Fields(lines.Text())
		number, err := strconv.ParseInt(words[1], 10, 64)
		must(err)
		var proof []tlog.Hash
		for _, word := range words[2:] {
			proof = append(proof, hash(word))
		}
		if err := check(words[0], number, proof, tree, reader); err != nil {
			log.Fatalf("%s %d: %v", words[0], number, err)
		}
		made := own(words[0], number, tree, reader)
		if fmt.Sprint(made) != fmt.Sprint(proof) {
			log.Fatalf("%s %d: Go makes another proof", words[0], number)
		}
		for i := range proof {
			proof[i][i%32] ^= 1
			if check(words[0], number, proof, tree, reader) == nil {
				log.Fatalf("%s %d: a changed hash %d was taken", words[0], number, i)
			}
			proof[i][i%32] ^= 1
		}
	}
	fmt.Printf("%d entries and %d proofs are sound\n", read, proofs)
}
