package litellm

import (
	"errors"
	"io/fs"
	"path"
	"slices"
)

// A section is a top-level key of a configuration, after its includes.
type section struct {
	part  part   // of the file that set it last
	items []part // of a list: all files' entries, in LiteLLM's order
}

// An include is an entry of an include list that is still to be read.
type include struct {
	name string
	file string // in which it stands
	at   Place
}

// A loader reads a configuration's files.
type loader struct {
	read   func(string) ([]byte, error)
	config *Config
	bytes  int
}

// load reads the first file and then its includes, breadth first, each file
// once. That is what the newest LiteLLM does; the older, which never returned
// from a cycle, read the same files where they start at all.
func (l *loader) load(name string) *Error {
	main, fault := l.file(name, include{})
	if fault != nil {
		return fault
	}
	if main.root == nil || (part{document: main, node: main.root}).null() {
		return &Error{At: Place{name, 1, 1}, Detail: "the file is empty"}
	}
	pending, fault := l.merge(main)
	if fault != nil {
		return fault
	}
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		included, fault := l.included(next, path.Dir(name))
		if fault != nil {
			return fault
		}
		if included == nil || included.root == nil {
			continue
		}
		more, fault := l.merge(included)
		if fault != nil {
			return fault
		}
		pending = append(pending, more...)
	}
	return nil
}

// included is the file of an include, nil for one that has been read. It is
// looked for next to the file that includes it, then next to the first file.
func (l *loader) included(next include, first string) (*document, *Error) {
	beside, root := joined(path.Dir(next.file), next.name), joined(first, next.name)
	if slices.Contains(l.config.files, beside) {
		return nil, nil
	}
	d, fault := l.file(beside, next)
	if fault == nil && root != beside {
		if _, err := l.read(root); errors.Is(err, fs.ErrNotExist) {
			l.config.beside = append(l.config.beside, next.at)
		}
	}
	if fault != nil && fault.NotFound && root != beside {
		if slices.Contains(l.config.files, root) {
			return nil, nil
		}
		if d, other := l.file(root, next); other == nil || !other.NotFound {
			return d, other
		}
	}
	return d, fault
}

// joined is a name relative to a directory, cleaned; an absolute one stays.
func joined(directory, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(directory, name)
}

// file reads and parses one file. What is wrong with reading it is reported
// where it is included.
func (l *loader) file(name string, by include) (*document, *Error) {
	at := by.at
	if by.file == "" {
		at = Place{File: name, Line: 1, Column: 1}
	}
	if len(l.config.files) >= maxFiles {
		return nil, &Error{At: at, Detail: "the configuration includes more than 50 files"}
	}
	data, err := l.read(name)
	if err != nil {
		e := &Error{At: at, Detail: "the file cannot be read", Err: err, Included: by.file != ""}
		if e.Included {
			e.Detail = "the included file cannot be read"
		}
		if errors.Is(err, fs.ErrNotExist) {
			e.NotFound = true
			e.Detail = "there is no such file"
			if e.Included {
				e.Detail = "the included file does not exist"
			}
		}
		return nil, e
	}
	l.config.files = append(l.config.files, name)
	if l.bytes += len(data); l.bytes > maxAllFiles && len(data) <= maxFile {
		return nil, &Error{At: at, Detail: "the configuration's files are larger than 10 MB together"}
	}
	return parseYAML(name, data)
}

// merge puts a file's top-level keys over those before: lists are appended,
// anything else is replaced. It returns the file's own includes.
func (l *loader) merge(d *document) ([]include, *Error) {
	top := part{document: d, node: follow(d.root)}
	if top.null() {
		return nil, nil
	}
	if !top.mapping() {
		return nil, &Error{At: top.place(), Detail: "the file is no mapping of keys to values"}
	}
	var pending []include
	for _, f := range top.fields() {
		value := top.of(f)
		if f.name == "include" {
			if !value.list() {
				return nil, &Error{At: value.place(), Detail: "include is no list of files"}
			}
			for _, item := range value.items() {
				name, ok := item.text()
				if !ok || name == "" {
					return nil, &Error{At: item.place(), Detail: "an include that is no file's name"}
				}
				pending = append(pending, include{name, d.file, item.place()})
			}
			continue
		}
		old, ok := l.config.sections[f.name]
		if ok && old.part.list() && value.list() {
			old.items = append(old.items, value.items()...)
		} else {
			old = section{part: value, items: value.items()}
		}
		l.config.sections[f.name] = old
	}
	return pending, nil
}
