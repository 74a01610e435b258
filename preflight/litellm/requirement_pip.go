package litellm

import (
	"path"
	"strings"
)

// requirements reads a requirements or constraints file as pip does: logical
// lines, comments, options, and the files that it includes.
// https://pip.pypa.io/en/stable/reference/requirements-file-format/
func (f *finder) requirements(src *sourceText) {
	for at := 0; at < len(src.text); {
		line, start, next := logicalLine(src.text, at)
		at = next
		if strings.HasPrefix(line, "-") {
			if name, constraint := included(line); name != "" {
				f.include(src.name, name, constraint || f.bound)
			}
			continue
		}
		f.dependency(src, start, line)
	}
}

// constraints reads a file of constraints: a requirements file that asks for
// nothing by itself.
func (f *finder) constraints(src *sourceText) {
	before := f.bound
	f.bound = true
	f.requirements(src)
	f.bound = before
}

// logicalLine is the line at an offset with its continuation lines, without its
// comment and the options that belong to a requirement (--hash), where it
// begins, and where the next one does.
func logicalLine(text string, at int) (line string, start, next int) {
	start = -1
	var b strings.Builder
	for at < len(text) {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		piece, continues := strings.CutSuffix(text[at:at+end], "\\")
		if strings.HasPrefix(strings.TrimLeft(piece, " \t"), "#") { // a comment ends what continues
			piece, continues = "", false
		}
		if start < 0 {
			if trimmed := strings.TrimLeft(piece, " \t"); trimmed != "" {
				start = at + len(piece) - len(trimmed)
			}
		}
		if b.Len() < 1<<12 { // of a longer line the rest is hashes
			b.WriteString(piece)
		}
		at += end + 1
		if !continues {
			break
		}
	}
	line = strings.TrimSpace(b.String())
	for _, from := range []string{" #", "\t#", " --", "\t--"} {
		line, _, _ = strings.Cut(line, from)
	}
	return strings.TrimSpace(line), max(start, 0), min(at, len(text))
}

// included is the file that an option line includes, as constraints or as
// requirements, "" for other options.
func included(line string) (name string, constraint bool) {
	for _, option := range []string{"--requirement", "--constraint", "-r", "-c"} {
		if rest, ok := strings.CutPrefix(line, option); ok {
			if strings.HasPrefix(option, "--") && !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "\t") {
				return "", false
			}
			return strings.Trim(strings.TrimPrefix(rest, "="), " \t\"'"), strings.HasSuffix(option, "c") || strings.HasSuffix(option, "constraint")
		}
	}
	return "", false
}

// include reads a file that another one names, relative to it: inside the
// workspace, and by no address.
func (f *finder) include(from, name string, constraint bool) {
	if len(name) > 500 || strings.ContainsAny(name, ":\\\x00$") || path.IsAbs(name) {
		return
	}
	name = path.Join(path.Dir(from), name)
	if name == ".." || strings.HasPrefix(name, "../") {
		return
	}
	if constraint {
		f.file(name, (*finder).constraints)
		return
	}
	f.file(name, (*finder).requirements)
}

// dependency reads one PEP 508 requirement, which begins at an offset of the
// source: litellm[proxy]>=1.63,<2; python_version > "3.8".
func (f *finder) dependency(src *sourceText, at int, text string) {
	if name, version, ok := archived(text); ok {
		f.add(src, at, name, "=="+version, pep508, Requirement{Marker: strings.Contains(text, " ;")})
		return
	}
	end := strings.IndexFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	})
	if end < 0 {
		end = len(text)
	}
	name, rest := text[:end], strings.TrimLeft(text[end:], " \t\n")
	if extras, ok := strings.CutPrefix(rest, "["); ok {
		_, after, closed := strings.Cut(extras, "]")
		if !closed {
			return
		}
		rest = strings.TrimLeft(after, " \t\n")
	}
	rest, _, marker := strings.Cut(rest, ";")
	rest = strings.TrimSpace(rest)
	address := strings.HasPrefix(rest, "@")
	if inner, ok := strings.CutPrefix(rest, "("); ok {
		rest = strings.TrimSuffix(inner, ")")
	}
	f.add(src, at, name, rest, pep508, Requirement{Marker: marker, Unknown: address})
}
