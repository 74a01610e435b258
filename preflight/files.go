package preflight

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Files that a pull request can change, or that an input names, are read and
// written below the workspace or the runner's temp folder only. os.Root keeps
// symbolic links and ".." from leading out of them.

// errOutside is the error for a path that leads out of the allowed folders.
var errOutside = errors.New("is outside the workspace and the runner's temp folder")

// errIrregular is the error for what is no ordinary file.
var errIrregular = errors.New("is not a regular file")

// confined finds the folder that a path belongs to and the path below it.
func confined(w World, name string) (dir, rel string, err error) {
	workspace := w.getenv("GITHUB_WORKSPACE")
	if workspace == "" {
		workspace = "."
	}
	if !filepath.IsAbs(name) {
		if !filepath.IsLocal(name) {
			return "", "", errOutside
		}
		return workspace, filepath.Clean(name), nil
	}
	for _, dir := range []string{workspace, w.getenv("RUNNER_TEMP")} {
		if dir == "" {
			continue
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(abs, name); err == nil && filepath.IsLocal(rel) {
			return abs, rel, nil
		}
	}
	return "", "", errOutside
}

// confinedRoot opens the folder that a path belongs to.
func confinedRoot(w World, name string) (root *os.Root, rel string, err error) {
	dir, rel, err := confined(w, name)
	if err != nil {
		return nil, "", err
	}
	root, err = os.OpenRoot(dir)
	return root, rel, plainPathError(err)
}

// openConfined opens an ordinary file of the workspace: a pipe would hang, a
// device would not end.
func openConfined(w World, name string) (*os.File, error) {
	root, rel, err := confinedRoot(w, name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return openOrdinary(rel, fs.FileMode.IsRegular, root.Stat, root.OpenFile)
}

// openOrdinary opens a file of the kind that is meant. It looks before, since
// opening a device has an effect, and opens without waiting and looks again,
// since the file may be another by then.
func openOrdinary(name string, kind func(fs.FileMode) bool, stat func(string) (fs.FileInfo, error), open func(string, int, fs.FileMode) (*os.File, error)) (*os.File, error) {
	info, err := stat(name)
	if err != nil {
		return nil, plainPathError(err)
	}
	if !kind(info.Mode()) {
		return nil, errIrregular
	}
	f, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, plainPathError(err)
	}
	if info, err = f.Stat(); err == nil && kind(info.Mode()) {
		return f, nil
	}
	f.Close()
	return nil, errIrregular
}

// readConfined reads a file of the workspace, at most limit bytes.
func readConfined(w World, name string, limit int64) ([]byte, error) {
	f, err := openConfined(w, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBoundedFile(f, limit)
}

// entriesConfined are the entries of a folder of the workspace, at most limit,
// by name. There are none where no folder is.
func entriesConfined(w World, name string, limit int) []fs.DirEntry {
	root, rel, err := confinedRoot(w, name)
	if err != nil {
		return nil
	}
	defer root.Close()
	dir, err := openOrdinary(rel, fs.FileMode.IsDir, root.Stat, root.OpenFile)
	if err != nil {
		return nil
	}
	defer dir.Close()
	entries, _ := dir.ReadDir(limit)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries
}

// listConfined lists the files and folders at the workspace's root, at most
// limit of them, folders with a slash at their end.
func listConfined(w World, limit int) []string {
	var names []string
	for _, e := range entriesConfined(w, ".", limit) {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	return names
}

// existsConfined reports whether the workspace has a file or folder of a name.
func existsConfined(w World, name string) bool {
	root, rel, err := confinedRoot(w, name)
	if err != nil {
		return false
	}
	defer root.Close()
	_, err = root.Stat(rel)
	return err == nil
}

// writeConfined writes a file of the workspace, and the folders above it.
func writeConfined(w World, name string, data []byte) error {
	root, rel, err := confinedRoot(w, name)
	if err != nil {
		return err
	}
	defer root.Close()
	if parent := filepath.Dir(rel); parent != "." {
		if err := root.MkdirAll(parent, 0o755); err != nil {
			return plainPathError(err)
		}
	}
	// Opening a pipe would wait for a reader, for ever.
	if info, err := root.Stat(rel); err == nil && !info.Mode().IsRegular() {
		return errIrregular
	}
	return plainPathError(root.WriteFile(rel, data, 0o644))
}

// readHostFile reads a file that the runner or an administrator put there: the
// event's payload, a federated token, a certificate.
func readHostFile(name string, limit int64) ([]byte, error) {
	f, err := openOrdinary(name, fs.FileMode.IsRegular, os.Stat, os.OpenFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBoundedFile(f, limit)
}

// fromWorkspace is a path as a later step sees it: relative to the workspace,
// whose name inside this container is not its name outside.
func fromWorkspace(w World, name string) string {
	workspace := w.getenv("GITHUB_WORKSPACE")
	if workspace == "" || !filepath.IsAbs(name) {
		return name
	}
	if rel, err := filepath.Rel(workspace, name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return "" // in the runner's temp folder: the caller knows its own path to it
}

// readBoundedFile reads a file whole, unless it is larger than limit.
func readBoundedFile(f *os.File, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("has more than the %d bytes that are read", limit)
	}
	return data, err
}

// plainPathError drops the path from a file error: the caller names it.
func plainPathError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// checkPath is the problem with a path that leads outside, nil for a good one.
func checkPath(w World, input, name string) *Problem {
	if name == "" {
		return nil
	}
	if strings.ContainsRune(name, 0) {
		return &Problem{ID: "cfg-path-outside", Input: input, Value: clipValue(name), Detail: "is not a path", Allowed: "a path in the workspace"}
	}
	if _, _, err := confined(w, name); err != nil {
		return leadsOut(input, name, err.Error())
	}
	// A link may lead out, and what is there may be no file.
	root, rel, err := confinedRoot(w, name)
	if err != nil {
		return nil // reading or writing will say so
	}
	defer root.Close()
	info, err := root.Stat(rel)
	switch {
	case err != nil && strings.Contains(err.Error(), "escapes"):
		return leadsOut(input, name, "is a link that leads outside")
	case err == nil && !info.Mode().IsRegular():
		return &Problem{ID: "cfg-input-invalid", Input: input, Value: clipValue(name), Detail: errIrregular.Error(), Allowed: "a file in the workspace"}
	}
	return nil
}

func leadsOut(input, name, detail string) *Problem {
	return &Problem{ID: "cfg-path-outside", Input: input, Value: clipValue(name), Detail: detail, Allowed: "a path below the workspace or the runner's temp folder"}
}

// openFile opens a file that the command line names.
func openFile(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plainPathError(err)
	}
	return f, nil
}
