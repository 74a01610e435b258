// Package actionsrunner reads what a step leaves behind the way GitHub's runner
// does: workflow commands in its streams, outputs in its file, and what GitHub
// makes active in its summary. It is the tests' oracle and no part of the
// program; it is written from the runner's sources and GitHub's rules, and uses
// nothing of package inert.
package actionsrunner

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// A Command is a workflow command that the runner would execute.
type Command struct {
	Name       string
	Properties map[string]string
	Data       string
	Line       string // as it stands in the stream
}

// registered are the commands that the runner knows; no other name has an effect.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
var registered = map[string]bool{
	"add-mask": true, "add-matcher": true, "add-path": true, "debug": true, "echo": true, "endgroup": true, "error": true,
	"group": true, "internal-set-repo-path": true, "notice": true, "remove-matcher": true, "save-state": true,
	"set-env": true, "set-output": true, "stop-commands": true, "warning": true,
}

// Commands are the commands in one of a step's streams; both streams are read,
// each by itself.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/OutputManager.cs
func Commands(stream string) []Command {
	var found []Command
	for _, line := range Lines(stream) {
		// Both comparisons are made by the culture's rules, in which characters
		// that show nothing do not count. Where the search is said to begin in
		// such a run differs by library, so each beginning is tried.
		units := utf16.Encode([]rune(strings.ToValidUTF8(line, "\ufffd")))
		c, ok := parse(units, "::", true)
		if !ok {
			c, ok = parse(units, "##[", false)
		}
		if ok {
			c.Line = line
			found = append(found, c)
		}
	}
	return found
}

// Lines are the lines of a stream as a reader of .NET's splits them.
func Lines(stream string) []string {
	if stream == "" {
		return nil
	}
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	return strings.Split(strings.TrimSuffix(stream, "\n"), "\n")
}

// parse looks for a command in one of the two syntaxes.
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
func parse(line []uint16, key string, atStart bool) (Command, bool) {
	if atStart {
		for len(line) > 0 && unicode.IsSpace(rune(line[0])) {
			line = line[1:]
		}
	}
	for from := 0; from < len(line); from++ {
		if _, ok := prefix(line[from:], key); ok && (!atStart || from == 0) {
			if c, ok := command(line[from:], key); ok {
				return c, true
			}
		}
		if atStart {
			break
		}
	}
	return Command{}, false
}

// command reads the command whose key has been found at the line's beginning.
// The runner goes on behind as many units as the key has, whatever was ignored.
func command(line []uint16, key string) (Command, bool) {
	if len(line) < len(key) {
		return Command{}, false
	}
	rest := line[len(key):]
	info, data := "", ""
	split, escape := ",", unescapeProperty
	if key == "::" {
		at := -1
		width := len(key) // the runner goes on behind it as well
		for i := range rest {
			if _, ok := prefix(rest[i:], key); ok {
				at = i
				break
			}
		}
		if at < 0 || at+width > len(rest) {
			return Command{}, false
		}
		info, data = text(rest[:at]), unescapeData(text(rest[at+width:]))
	} else {
		all := text(rest)
		before, after, ok := strings.Cut(all, "]")
		if !ok {
			return Command{}, false
		}
		info, data = before, unescapeOld(after)
		split, escape = ";", unescapeOld
	}
	name, properties, _ := strings.Cut(info, " ")
	if !registered[strings.ToLower(name)] {
		return Command{}, false
	}
	c := Command{Name: strings.ToLower(name), Properties: map[string]string{}, Data: data}
	for p := range strings.SplitSeq(strings.TrimSpace(properties), split) {
		if k, v, ok := strings.Cut(p, "="); ok && k != "" && v != "" {
			c.Properties[strings.ToLower(k)] = escape(v)
		}
	}
	return c, true
}

// prefix reports whether a line begins with a key for a comparison that leaves
// out what shows nothing, and how many units that takes.
func prefix(line []uint16, key string) (n int, ok bool) {
	for i := 0; i < len(line); i++ {
		switch r := rune(line[i]); {
		case key != "" && r == rune(key[0]):
			if key = key[1:]; key == "" {
				return i + 1, true
			}
		case ignorable(r):
		case utf16.IsSurrogate(r) && i+1 < len(line) && ignorable(utf16.DecodeRune(r, rune(line[i+1]))):
			i++
		default:
			return 0, false
		}
	}
	return 0, false
}

// ignorable reports characters without a weight in Unicode's collation.
func ignorable(r rune) bool {
	return unicode.IsControl(r) && !unicode.IsSpace(r) ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func text(units []uint16) string { return string(utf16.Decode(units)) }

// The runner unescapes "%25" last.
var (
	unescapeData     = escapes("%0D", "\r", "%0A", "\n")
	unescapeProperty = escapes("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",")
	unescapeOld      = escapes("%3B", ";", "%0D", "\r", "%0A", "\n", "%5D", "]")
)

func escapes(pairs ...string) func(string) string {
	return func(s string) string {
		for i := 0; i < len(pairs); i += 2 {
			s = strings.ReplaceAll(s, pairs[i], pairs[i+1])
		}
		return strings.ReplaceAll(s, "%25", "%")
	}
}
