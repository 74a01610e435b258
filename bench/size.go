package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A size is what a client takes on a disk, and packed as a layer of an image is
// for the way there. The interpreters are not counted, nor the base of an image.
type size struct{ disk, packed int64 }

// sizeOf packs files and whole folders, as `docker push` does: tar and gzip.
func sizeOf(paths ...string) (size, error) {
	var s size
	zip := gzip.NewWriter(counter{&s.packed})
	archive := tar.NewWriter(zip)
	for _, root := range paths {
		if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
			continue // a system without a bundle of roots
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			return pack(archive, path, &s.disk)
		})
		if err != nil {
			return s, err
		}
	}
	if err := archive.Close(); err != nil {
		return s, err
	}
	return s, zip.Close()
}

func pack(archive *tar.Writer, path string, disk *int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header, err := tar.FileInfoHeader(info, "")
	if err != nil {
		return err
	}
	header.Name = path
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.Copy(archive, f)
	*disk += n
	return err
}

// A counter only counts.
type counter struct{ n *int64 }

func (c counter) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}

// pythonVersions says which versions of packages a Python has.
func pythonVersions(ctx context.Context, python string, packages ...string) string {
	const script = "import importlib.metadata as m, sys; print(', '.join(p + ' ' + m.version(p) for p in sys.argv[1:]))"
	out, err := exec.CommandContext(ctx, python, append([]string{"-c", script}, packages...)...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// nodeVersions says the same of a folder's node_modules.
func nodeVersions(folder string, packages ...string) string {
	var out []string
	for _, name := range packages {
		data, err := os.ReadFile(filepath.Join(folder, "node_modules", name, "package.json"))
		var p struct{ Version string }
		if err == nil && json.Unmarshal(data, &p) == nil {
			out = append(out, fmt.Sprintf("%s %s", name, p.Version))
		}
	}
	return strings.Join(out, ", ")
}
