package litellm

import (
	"encoding/json"
	"strings"
)

// lock reads the [[package]] blocks of uv.lock, poetry.lock and pdm.lock, and
// the [[packages]] of pylock.toml (PEP 751).
func (f *finder) lock(src *sourceText) {
	var (
		table    int
		name     string
		versions []tomlLeaf
	)
	flush := func() {
		for _, v := range versions {
			f.pin(src, v.keys[1].at, name, v.text)
		}
		name, versions = "", versions[:0]
	}
	scanTOML(src.text, func(leaf tomlLeaf) {
		if len(leaf.keys) != 2 || leaf.keys[0].text != "package" && leaf.keys[0].text != "packages" {
			return
		}
		if leaf.table != table {
			flush()
			table = leaf.table
		}
		switch leaf.keys[1].text {
		case "name":
			name = leaf.text
		case "version": // two of them where a merge left its conflict behind
			leaf.keys = append([]tomlKey(nil), leaf.keys...)
			versions = append(versions, leaf)
		}
	})
	flush()
}

// pipfileLock reads Pipfile.lock: {"default": {"litellm": {"version":
// "==1.63.7"}}}, likewise develop and the categories of one's own.
func (f *finder) pipfileLock(src *sourceText) {
	dec := json.NewDecoder(strings.NewReader(src.text))
	var (
		path   []string // the keys of the objects that are open, "" for one in an array
		arrays int      // how many arrays are open: nothing in one is a package
		key    string   // of the value that comes next
		keyAt  = -1     // its offset, -1 when a key comes next
	)
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		if err != nil { // the end, or broken: what came before it holds
			return
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '[':
				arrays++
			case ']':
				arrays--
			case '{':
				path = append(path, key)
			case '}':
				path = path[:len(path)-1]
			}
		case string:
			if arrays == 0 && keyAt < 0 {
				key = t
				keyAt = before + strings.IndexByte(src.text[before:], '"')
				continue
			}
			if arrays == 0 && len(path) == 3 && path[1] != "_meta" && key == "version" {
				f.pin(src, keyAt, path[2], strings.TrimLeft(t, "= "))
			}
		}
		key, keyAt = "", -1
	}
}

// pin records what a lock says is installed.
func (f *finder) pin(src *sourceText, at int, name, version string) {
	f.add(src, at, name, "=="+version, pep508, Requirement{Lock: true})
}
