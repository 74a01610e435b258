package litellm

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// configTree reads files from a map.
func configTree(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

// loadOne loads a configuration of one file.
func loadOne(text string) (*Config, error) {
	return Load("config.yaml", configTree(map[string]string{"config.yaml": text}))
}

// processOf is an environment of the given variables.
func processOf(pairs ...string) Environment {
	return func(name string) Value {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return Value{Set: true, Text: secret.New(pairs[i+1]), From: "variable " + name, Var: name}
			}
		}
		return Value{From: "variable " + name, Var: name}
	}
}

// modelEntry is a model_list of one model.
const modelEntry = "model_list:\n  - model_name: a\n    litellm_params:\n      model: azure/a\n"

func TestLoadBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		line, col  int
	}{
		{"colon in text", "a: b: c", 1, 5},
		{"colon in text, later", modelEntry + "x: 1\ny: z: 1\nv: 2\n", 6, 5},
		{"indented too far", "x: 1\n  y: 2\nz: 3\n", 2, 4},
		{"indented too little", "a:\n  - b\n c: 1\n", 3, 2},
		{"list and key", "- a\nb: 1\n", 2, 1},
		{"no colon", "a: 1\nfoo\nb: 2\n", 2, 1},
		{"open brace", "a: {b: 1\nc: 2\n", 1, 4},
		{"open brace after closed ones", "x: {a: 1,\n b: 2}\ny: [1,\n 2]\na: {b: 1\nc: 2\n", 5, 4},
		{"brace too many", "a: {b: 1}}\n", 1, 10},
		{"open quote", "a: 1\nb: 'x\nc: 2\n", 2, 4},
		{"open double quote", "a: \"x\nc: 2\n", 1, 4},
		{"at sign", "a: @x\n", 1, 4},
		{"backquote", "a: 1\nb: `x`\n", 2, 4},
		{"percent", "a: %x\n", 1, 4},
		{"unknown alias", "a: &one 1\nb: *two\n", 2, 4},
		{"alias longer than its anchor", "a: &one 1\nb: [*one, *one2]\n", 2, 11},
		{"escape", "a: \"b\\q\"\n", 1, 6},
		{"escape of too few digits", "a: {b: \"http\\x4\", c: 1}\n", 1, 13},
		{"tab indents", "a:\n\tb: 1\n", 2, 1},
		{"tab indents after spaces", "a:\n  b: 1\n \tc: 1\n", 3, 2},
		{"tab separates", "a:\t1\n", 1, 3},
		{"tab trails", modelEntry + "x: 1\t\n", 5, 5},
		{"tab between words", "a: b\tc\n", 1, 5},
		{"tab before a comment", "a: 'b'\t# c\n", 1, 7},
		{"control character", "a: 1\nbé: \x01\n", 2, 5},
		{"not UTF-8", "a: 1\nb: \xff\n", 2, 4},
		{"UTF-16", "\xff\xfea\x00:\x00 \x001\x00", 1, 1},
		{"two documents", "a: 1\n---\nb: 2\n", 2, 1},
		{"two documents, the first ended", "a: 1\n...\nb: 2\n", 3, 1},
		{"duplicate key", modelEntry + "x: 1\nmodel_list: []\n", 6, 1},
		{"duplicate key inside", "model_list:\n  - model_name: a\n    litellm_params: {model: azure/a, api_key: 1, api_key: 2}\n", 3, 50},
		{"duplicate behind a BOM", "\ufeffa: 1\na: 2\n", 2, 1},
		{"tag", "a: !secret x\n", 1, 4},
		{"python tag", "a: !!python/object/apply:os.system [x]\n", 1, 4},
		{"no date", "a: 2024-13-45\n", 1, 4},
		{"lone equals sign", "a: =\n", 1, 4},
		{"list as key", "? [a]\n: 1\n", 1, 3},
		{"merge of text", "a:\n  <<: b\n", 2, 7},
		{"merge of a list of text", "a:\n  <<: [{c: 1}, b]\n", 2, 16},
		{"alias inside itself", "a: &a\n  b: [*a]\n", 2, 7},
		{"merge of itself", "a: &a\n  <<: *a\n", 2, 7},
		{"too deep", strings.Repeat("[", 250) + strings.Repeat("]", 250), 1, 202},
		{"much too deep", strings.Repeat("[", 99_000), 1, 10_004}, // where the parser gives up
		{"question mark in a mapping of several lines", "a: {\n  b: http://c,\n  d: http://c?d,\n  e: 1\n}\n", 3, 14},
		{"comma missing in a list of several lines", "a: [\n  b,\n  'c'\n  'd'\n]\n", 4, 3},
		{"quote behind a comment sign", "a: 'b'#c\n\td: 1\n", 2, 1},
		{"at sign in an open list", "a: [b,\n  c: {d: @x}]\n", 2, 10},
		{"unknown alias in a list", "a: &one {x: 1}\nb:\n  - [*one, {<<: *two}]\n", 3, 17},
		{"empty", "", 1, 1},
		{"comments only", "# x\n", 1, 1},
		{"text", "abc\n", 1, 1},
		{"list", "\n- a\n", 2, 1},
		{"model_list is a mapping", "x: 1\nmodel_list:\n  a: 1\n", 2, 1},
		{"model_list is text", "model_list: a\n", 1, 1},
		{"entry is text", "model_list:\n  - a\n", 2, 5},
		{"entry is a list", "model_list:\n  - - a\n", 2, 5},
		{"entry is null", "model_list:\n  -\n", 2, 4},
		{"no model_name", "model_list:\n  - litellm_params: {model: azure/a}\n", 2, 5},
		{"model_name is a number", "model_list:\n  - litellm_params: {model: azure/a}\n    model_name: 5\n", 3, 5},
		{"no litellm_params", "model_list:\n  - model_name: a\n", 2, 5},
		{"litellm_params is a list", "model_list:\n  - model_name: a\n    litellm_params:\n      - model: azure/a\n", 3, 5},
		{"no model", "model_list:\n  - model_name: a\n    litellm_params:\n      api_key: x\n", 3, 5},
		{"model is null", "model_list:\n  - model_name: a\n    litellm_params:\n      model:\n", 4, 7},
		{"model_info is null", modelEntry + "    model_info:\n", 5, 5},
		{"settings are a list", modelEntry + "litellm_settings: [a]\n", 5, 1},
		{"environment is a list", "environment_variables: [a]\n", 1, 1},
		{"general_settings are text", "general_settings: x\n", 1, 1},
		{"credential without its info", "credential_list:\n  - credential_name: a\n    credential_values: {}\n", 2, 5},
		{"credential without values", "credential_list:\n  - credential_name: a\n    credential_info: {}\n", 2, 5},
		{"credential values are a list", "credential_list:\n  - credential_name: a\n    credential_info: {}\n    credential_values: []\n", 4, 5},
		{"include is text", "include: models.yaml\n", 1, 1},
		{"include of a number", "include:\n  - 1\n", 2, 5},
		{"include of nothing", "include:\n  - nowhere.yaml\n", 2, 5},
		{"50 MB", strings.Repeat("a: xxxxx\n", 50<<20/9), 1, 1},
		{"too many entries", "a: [" + strings.Repeat(",", 600_000), 1, 500_004},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := loadOne(c.text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if want := (Place{"config.yaml", c.line, c.col}); e.At != want {
				t.Errorf("at %v, want %v (%s)", e.At, want, e.Detail)
			}
			if e.Detail == "" || len(e.Detail) > 200 {
				t.Errorf("detail %q", e.Detail)
			}
		})
	}
}

func TestLoadRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"BOM":             "\ufeff" + modelEntry,
		"CRLF":            strings.ReplaceAll(modelEntry, "\n", "\r\n"),
		"YAML 1.2":        "# x\n%YAML 1.2\n---\n" + modelEntry,
		"end":             modelEntry + "...\n",
		"tab in quotes":   modelEntry + "x: 'a\tb'\ny: \"a\tb\" #\tc\n",
		"tab in a block":  modelEntry + "x: |\n  a\tb\n\n  c\ty: |\n  d\nz: >\n a\tb\nv: [\"\t\", {a: '\t'}] #\t\n",
		"merge twice":     modelEntry + "x: {<<: {b: 1}, <<: {c: 2}}\n",
		"same anchor":     "a: &a {x: 1}\nb: *a\nc: *a\n" + modelEntry,
		"null model_list": "model_list:\n",
		"null settings":   modelEntry + "litellm_settings:\ngeneral_settings: ~\n",
		"alias bomb":      bomb(false) + modelEntry,
		"comment":         "#\t\n" + modelEntry,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := loadOne(text)
			if err != nil {
				t.Fatal(err)
			}
			models := c.Models(processOf(), Versions{})
			if name != "null model_list" && (len(models) != 1 || models[0].Call.Model != "azure/a") {
				t.Errorf("models %v", models)
			}
		})
	}
}

// bomb is a text whose aliases stand for millions of values; with merges, for
// as many keys.
func bomb(merges bool) string {
	var b strings.Builder
	b.WriteString("b0: &b0 {")
	for i := range 200 {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	b.WriteString("}\n")
	for i := 1; i < 30; i++ {
		one := fmt.Sprintf("*b%d, ", i-1)
		if merges {
			fmt.Fprintf(&b, "b%d: &b%d {<<: [%s]}\n", i, i, strings.Repeat(one, 900))
		} else {
			fmt.Fprintf(&b, "b%d: &b%d [%s]\n", i, i, strings.Repeat(one, 10))
		}
	}
	return b.String()
}

func TestLoadMergeBomb(t *testing.T) {
	t.Parallel()
	_, err := loadOne(bomb(true) + modelEntry)
	var e *Error
	if !errors.As(err, &e) || e.At.Line < 2 {
		t.Errorf("got %v", err)
	}
}
