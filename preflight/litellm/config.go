package litellm

import (
	"fmt"
	"path"
)

// The bounds of a configuration.
const (
	maxFile     = 8 << 20  // bytes of one file
	maxAllFiles = 10 << 20 // bytes of all
	maxFiles    = 50
	maxModels   = 2000
)

// A Config is a configuration of LiteLLM's proxy: its file and what it
// includes.
type Config struct {
	files    []string
	sections map[string]section
	beside   []Place // of includes that stand next to the file that has them, and not next to the first
}

// An Error is why a configuration cannot be used: a file is missing, or LiteLLM
// would not start with it. It shows nothing that stands in a file.
type Error struct {
	At       Place  // of the fault; of the include, when an included file cannot be read
	Detail   string // a clause
	NotFound bool   // a file does not exist
	Included bool   // it is an included file that cannot be read
	Err      error  // of reading, nil for a fault in the text
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.At.File, e.At.Line, e.At.Column, e.Detail)
}

// Unwrap is the error of reading the file.
func (e *Error) Unwrap() error { return e.Err }

// Load reads a configuration and its includes. read gets slash-separated paths
// as name is one: an include's is joined to the directory of the file that has
// it, and cleaned. So it can lead out of name's directory, and it is read's part
// to refuse that. Every error is an [*Error].
func Load(name string, read func(name string) ([]byte, error)) (*Config, error) {
	name = path.Clean(name)
	c := &Config{sections: make(map[string]section)}
	if fault := (&loader{read: read, config: c}).load(name); fault != nil {
		return nil, fault
	}
	if fault := c.shape(); fault != nil {
		return nil, fault
	}
	return c, nil
}

// Files are the names of the files that were read, the first one first.
func (c *Config) Files() []string { return append([]string(nil), c.files...) }

// ModelNames are the model_name of every entry of model_list, each once.
func (c *Config) ModelNames() []string {
	var names []string
	seen := make(map[string]bool)
	for _, m := range c.sections["model_list"].items {
		name, _ := m.get("model_name")
		if text, _ := name.text(); !seen[text] {
			seen[text] = true
			names = append(names, text)
		}
	}
	return names
}
