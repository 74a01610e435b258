package litellm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A document is one parsed file.
type document struct {
	file   string
	root   *yaml.Node             // nil for an empty file
	merged map[*yaml.Node][]field // the mappings that have a merge key, flattened
}

// maxMarks bounds the lines and the flow indicators of a file, and so the
// nodes that the parser makes of it: each takes a hundred times its text.
const maxMarks = 500_000

// parseYAML reads a file as LiteLLM does: Python's open in text mode, then
// PyYAML's safe_load. What that refuses is an [Error] at its position; so are
// duplicate keys, of which PyYAML silently takes the last.
func parseYAML(file string, data []byte) (*document, *Error) {
	text, fault := readable(file, data)
	if fault != nil {
		return nil, fault
	}
	root, err := decodeYAML(strings.NewReader(text))
	if err != nil {
		broken := whereBroken(text, err)
		good := before(text, broken)
		if at, detail := refused(good); detail != "" {
			return nil, &Error{At: at.in(file), Detail: detail}
		}
		if strings.HasPrefix(text[len(good):], "\t") {
			err = errTab
		}
		return nil, &Error{At: broken.in(file), Detail: brokenBecause(err)}
	}
	d := &document{file: file, root: root, merged: make(map[*yaml.Node][]field)}
	if root == nil {
		return d, nil
	}
	if fault := (&checker{document: d}).check(root, 0); fault != nil {
		return nil, fault
	}
	if at, detail := refused(text); detail != "" {
		return nil, &Error{At: at.in(file), Detail: detail}
	}
	return d, nil
}

// readable is a file's text, or why neither Python nor PyYAML reads it.
func readable(file string, data []byte) (string, *Error) {
	at := func(line, column int, detail string) (string, *Error) {
		return "", &Error{At: Place{file, line, column}, Detail: detail}
	}
	if len(data) > maxFile {
		return at(1, 1, "the file is larger than 8 MB")
	}
	if len(data) >= 2 {
		// A byte order mark: PyYAML would decode it, but gets text from Python,
		// which has failed by then.
		if mark := binary.BigEndian.Uint16(data); mark == 0xfeff || mark == 0xfffe {
			return at(1, 1, "the file is UTF-16, and LiteLLM reads UTF-8")
		}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	line, column, marks := 1, 1, 0
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return at(line, column, "the file is not UTF-8 from here on")
		case !printable(r):
			return at(line, column, "a control character, which YAML does not take")
		case r == '\n':
			line, column = line+1, 0
			marks++
		case r == ',' || r == '[' || r == '{':
			marks++
		}
		if marks > maxMarks {
			return at(line, max(column, 1), "the file has more entries than any configuration needs")
		}
		column++
		rest = rest[size:]
	}
	return withoutVersion(string(data)), nil
}

// printable is YAML 1.1's set of characters.
func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85:
		return true
	case r < 0x20, r == 0x7f, 0x80 <= r && r < 0xa0, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}

// withoutVersion makes a directive %YAML 1.x one that this parser takes too.
// PyYAML takes every 1.x and reads all of them alike.
func withoutVersion(text string) string {
	if !strings.Contains(text, "%YAML 1.") {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		if after, ok := strings.CutPrefix(l, "%YAML 1."); ok && after != "" && after[0] >= '0' && after[0] <= '9' {
			lines[i] = "%YAML 1.1" + after[1:]
		} else if l != "" && l[0] != '#' && l[0] != '%' && strings.TrimSpace(l) != "" {
			break
		}
	}
	return strings.Join(lines, "")
}

// errTab is a tab where a token has to begin.
var errTab = errors.New("tab character")

// errSecond is a second document in the stream, which safe_load refuses.
var errSecond = errors.New("a second document")

// decodeYAML is the only document's root, nil for an empty one. The parser's
// panics are errors: it has had some on malformed text.
func decodeYAML(text io.Reader) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			root, err = nil, errors.New("unreadable")
		}
	}()
	decoder := yaml.NewDecoder(text)
	var first, second yaml.Node
	if err := decoder.Decode(&first); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, errSecond
	} else if err != io.EOF {
		return nil, err
	}
	if len(first.Content) == 0 {
		return nil, nil
	}
	return first.Content[0], nil
}

// brokenBecause is what a parser's error says, without the text that it may
// quote.
func brokenBecause(err error) string {
	for _, c := range []struct{ says, detail string }{
		{"a second document", "a second document begins, and LiteLLM reads files of one document only"},
		{"mapping values are not allowed", "a colon begins a mapping where none can stand: a text with \": \" in it needs quotes, and keys of one mapping the same indentation"},
		{"tab character", "a tab indents, where YAML takes spaces only"},
		{"cannot start any token", "a character that begins a YAML value only inside of quotes"},
		{"',' or", "a list [...] or mapping {...} is not closed, or a comma is missing in it"},
		{"unexpected end of stream", "a quoted text is not closed"},
		{"unexpected document indicator", "a quoted text is not closed"},
		{"expected key", "a line that does not continue what it is indented like"},
		{"block sequence entries", "a list begins in the line of its key"},
		{"'-' indicator", "a line that does not continue the list that it is indented like"},
		{"expected ':'", "a line without the colon of a key"},
		{"unknown anchor", "an alias whose anchor does not stand before it"},
		{"alphabetic or numeric", "an anchor or alias without a name"},
		{"escape", "an escape that YAML's double quotes do not have"},
		{"hexdecimal", "an escape that YAML's double quotes do not have"},
		{"exceeded max", "it is nested too deeply"},
		{"node content", "a value is missing, or a list [...] or mapping {...} is not closed"},
		{"<document start>", "something follows the end of the document"},
	} {
		if strings.Contains(err.Error(), c.says) {
			return c.detail
		}
	}
	return "it is no YAML from here on"
}
