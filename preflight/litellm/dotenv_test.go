package litellm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// variables is an environment of these.
func variables(of map[string]string) Environment {
	return func(name string) Value {
		text, ok := of[name]
		return Value{Set: ok, Text: secret.New(text), From: "variable " + name, Var: name}
	}
}

// The values are what python-dotenv 1.2.4 makes of the same texts.
func TestParseDotEnv(t *testing.T) {
	t.Parallel()
	env := variables(map[string]string{"AZURE_H": "runner", "EMPTY": ""})
	for _, c := range []struct {
		text string
		want string // name line:column value, in order of names; "-" for None
	}{
		{"AZURE_API_KEY=abc\n", `AZURE_API_KEY 1:1 "abc"`},
		{"\ufeff# c\r\n\r\n  export  A = b \r\nexport=x\rB=2", `A 3:11 "b"|B 5:1 "2"|export 4:1 "x"`},
		{"A=\nB= # c\nC=#c\nD=a # c\nE=a#c\nF=\"a#b\" # c\nG='' \n", `A 1:1 ""|B 2:1 ""|C 3:1 "#c"|D 4:1 "a"|E 5:1 "a#c"|F 6:1 "a#b"|G 7:1 ""`},
		{"A\nB # c\nexport C\n", `A 1:1 -|B 2:1 -|C 3:8 -`},
		{`A="a\n\t\"\\\q\'"` + "\n" + `B='a\n\'\\'`, `A 1:1 "a\n\t\"\\\\q'"|B 2:1 "a\\n'\\"`},
		{"A=\"one\ntwo\"\nB='x\ny'\nC=3\n", `A 1:1 "one\ntwo"|B 3:1 "x\ny"|C 5:1 "3"`},
		{"'A'=1\n'B C'=2\nD.E=3\n9=4\nF=5\n", `A 1:2 "1"|F 5:1 "5"`},
		{"A=\"never closed\nB=2\n=3\nC=\"3\" junk\nD = 'x'y\nE=5\n", `A 1:1 "never closed\nB=2\n=3\nC="|E 6:1 "5"`[len(`A 1:1 "never closed\nB=2\n=3\nC="|`):]},
		{"A=1\nA=2\nA\n", `A 3:1 -`},
		{"A=${AZURE_H}-${NONE}-${NONE:-d}-${EMPTY:-d}\nAZURE_H=file\nB=${AZURE_H}\nC=${A}!\nD\nE=${D:-x}\n", `A 1:1 "runner--d-"|AZURE_H 2:1 "file"|B 3:1 "runner"|C 4:1 "runner--d-!"|D 5:1 -|E 6:1 ""`},
		{"A='${AZURE_H}' # c\nB=$HOST\nC=${HO:ST}x${AZURE_H}\nD=${HOST\nE=${H:-x\n", `A 1:1 "runner"|B 2:1 "$HOST"|C 3:1 "${HO:ST}xrunner"|D 4:1 "${HOST"|E 5:1 "${H:-x"`},
		{"é=1\n\u00a0A\u00a0=\u00a0x\u00a0#y\n", `A 2:2 "x"`},
		{"A=\xff\n", ""},
		{"", ""},
	} {
		values := ParseDotEnv([]byte(c.text), ".env", env)
		var lines []string
		for name, v := range values {
			text := "-"
			if v.Set {
				text = fmt.Sprintf("%q", v.Text.Reveal())
			}
			lines = append(lines, fmt.Sprintf("%s %d:%d %s", name, v.At.Line, v.At.Column, text))
			if v.Var != name || v.At.File != ".env" || v.Type != String || v.From != "variable "+name+" of .env" {
				t.Errorf("%q: %+v", c.text, v)
			}
		}
		slices.Sort(lines)
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestParseDotEnvBounds(t *testing.T) {
	t.Parallel()
	text := "A=" + strings.Repeat("a", 1000) + "\n"
	for i := range 60 { // each twice the one before
		text += fmt.Sprintf("A=${A}${A}\nB%d=${A}\n", i)
	}
	values := ParseDotEnv([]byte(text), ".env", variables(nil))
	if v := values["B0"]; len(v.Text.Reveal()) != 2000 || v.Type != String {
		t.Errorf("B0 has %d characters", len(v.Text.Reveal()))
	}
	long := 0
	for _, v := range values {
		if len(v.Text.Reveal()) > maxDotEnv {
			t.Errorf("%s has %d characters", v.Var, len(v.Text.Reveal()))
		}
		if v.Type == Other {
			long++
		}
	}
	if long == 0 {
		t.Error("no value is marked as too long")
	}
	if got := ParseDotEnv([]byte("A=1\n"+strings.Repeat("#\n", maxDotEnvFile/2)), ".env", variables(nil)); len(got) != 0 {
		t.Errorf("a file over the bound is read: %d values", len(got))
	}
}

func TestLoadsDotEnv(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, true},
		{map[string]string{"LITELLM_MODE": "DEV"}, true},
		{map[string]string{"LITELLM_MODE": "dev"}, false},
		{map[string]string{"LITELLM_MODE": ""}, false},
		{map[string]string{"LITELLM_MODE": "PRODUCTION"}, false},
		{map[string]string{"PYTHON_DOTENV_DISABLED": "Yes"}, false},
		{map[string]string{"PYTHON_DOTENV_DISABLED": "1"}, false},
		{map[string]string{"PYTHON_DOTENV_DISABLED": "0"}, true},
		{map[string]string{"PYTHON_DOTENV_DISABLED": ""}, true},
	} {
		if got := LoadsDotEnv(variables(c.env)); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}

func TestDotEnvFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		exist   []string
		files   string
		certain bool
	}{
		{nil, ".env", false},
		{[]string{"env", "venv/bin/python"}, ".env", false},
		{[]string{".venv/pyvenv.cfg", "uv.lock"}, ".venv/.env .env", true},
		{[]string{"uv.lock"}, ".venv/.env .env", true},
		{[]string{"venv/pyvenv.cfg"}, "venv/.env .env", true},
		{[]string{"env/pyvenv.cfg", ".venv/pyvenv.cfg"}, ".venv/.env env/.env .env", true},
		{[]string{".env/pyvenv.cfg"}, ".env/.env .env", true},
	} {
		files, certain := DotEnvFiles(VirtualEnvironments(func(name string) bool { return slices.Contains(c.exist, name) }))
		if got := strings.Join(files, " "); got != c.files || certain != c.certain {
			t.Errorf("%v: %s, %v", c.exist, got, certain)
		}
	}
}

// TestDotEnvTakesNoSecret: a variable of the process stands alone in the place
// of a credential, or it is one of Azure's and none itself.
func TestDotEnvTakesNoSecret(t *testing.T) {
	t.Parallel()
	env := variables(map[string]string{"SUITE": "s3cret", "AZURE_CLIENT_SECRET": "s3cret", "AZURE_RESOURCE": "octo", "HOSTNAME_": "host"})
	values := ParseDotEnv([]byte("AZURE_API_KEY=${SUITE}\nA=${SUITE}\nB=https://${AZURE_RESOURCE}.openai.azure.com\nC=x${AZURE_CLIENT_SECRET}\nD=${AZURE_API_KEY}\nE_KEY=${AZURE_API_KEY}\nF=${E_KEY}\nG_KEY=${SUITE}${SUITE}\n"+
		"H=${HOSTNAME_}\nI_KEY=${A}\nE_KEY=file\nJ=${E_KEY}\n"), ".env", env)
	for name, want := range map[string]string{"AZURE_API_KEY": "s3cret", "A": "", "B": "https://octo.openai.azure.com", "C": "", "D": "", "F": "", "G_KEY": "", "H": "", "I_KEY": "", "E_KEY": "file", "J": "file"} {
		if v := values[name]; v.Text.Reveal() != want || (want == "") != (v.Type == Other) {
			t.Errorf("%s is %q, want %q", name, v.Text.Reveal(), want)
		}
	}
}

// TestDotEnvRefused: a file of the checkout cannot reach what authenticates the
// job, and nothing that is made of it is there.
func TestDotEnvRefused(t *testing.T) {
	t.Parallel()
	env := func(name string) Value {
		if Refused(name) {
			t.Errorf("asked for %q", name)
		}
		return Value{}
	}
	values := ParseDotEnv([]byte("AZURE_API_BASE=https://${ACTIONS_RUNTIME_TOKEN}.openai.azure.com\nA=${ input_client-secret :-x}\nB=a${GITHUB_TOKEN:-b}c\nC=${A}${B}\nD=${RUNNER_TEMP}\nE=e\n"), ".env", env)
	for _, name := range []string{"AZURE_API_BASE", "A", "B", "C", "D"} {
		if v := values[name]; v.Type != Other || v.Text.Reveal() != "" {
			t.Errorf("%s is %q", name, v.Text.Reveal())
		}
	}
	if values["E"].Text.Reveal() != "e" {
		t.Error("another variable is lost")
	}
}

func FuzzParseDotEnv(f *testing.F) {
	f.Add([]byte("export A=\"x\\n${B:-c}\" # d\n'B'\nC='\n'"))
	f.Add([]byte("A=${${A}}\r\n=\"\n\ufeffé=\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, v := range ParseDotEnv(data, ".env", variables(map[string]string{"B": "b"})) {
			if !dotEnvName(name) || v.At.Line < 1 || v.At.Column < 1 {
				t.Errorf("%q at %v", name, v.At)
			}
		}
	})
}
