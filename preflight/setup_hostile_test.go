package preflight_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// hostileSubjects are names that a shell, JMESPath, JSON or YAML would make
// something of.
var hostileSubjects = []string{
	`environment:it's`,
	`environment:"; touch pwned; "`,
	`environment:'; touch pwned; '`,
	"environment:`touch pwned` $(touch pwned) ${HOME} $HOME",
	`environment:' || touch pwned || '`,
	`environment:a'b"c & d | e < f > g (h) {i} !j # k ~ [l] = ü`,
	`environment:'].id || '' || [?subject=='`,
	`environment:"} {"audiences":["x"]}`,
	`environment:@/etc/passwd`,
	`environment:prod: [x] #y`,
	`environment:- a`,
	`environment:true`,
	`branch:$(touch${IFS}pwned)`,
	"branch:`touch`;touch'pwned'\"&|<>(){}!#",
	`tag:v1'"$HOME`,
}

// TestSetupHostile: whatever name is given, the shells of this machine run the
// same commands with the same arguments as the lab read, and nothing else; and
// the credential has exactly that subject.
func TestSetupHostile(t *testing.T) {
	t.Parallel()
	var shells []string
	for _, name := range []string{"sh", "bash", "dash", "zsh"} {
		if path, err := exec.LookPath(name); err == nil {
			shells = append(shells, path)
		}
	}
	if len(shells) == 0 {
		t.Skip("no shell on this machine")
	}
	for _, subject := range hostileSubjects {
		for _, identity := range []string{"app", "managed"} {
			t.Run(identity+" "+subject, func(t *testing.T) {
				t.Parallel()
				w := azurelab.Empty()
				p := planOf(t, environOf(t, w), "--endpoint", setupEndpoint, "--deployment", "chat", "--identity", identity, "--resource-group", "octo", "--subject", subject)
				script := p.Script + strings.Join(p.Store, " &&\n") + "\n"
				console := w.Console()
				if _, err := console.Run(script); err != nil {
					t.Fatalf("%v\nin\n%s", err, script)
				}
				federated := federatedOf(w)
				if len(federated) != 1 || federated[0].Subject != p.Credentials[0].Subject || federated[0].Audience != p.Audience || federated[0].Issuer != p.Issuer {
					t.Errorf("the credentials are %+v", federated)
				}
				kind, name, _ := strings.Cut(subject, ":")
				if end := strings.ReplaceAll(name, ":", "%3A"); !strings.HasSuffix(p.Credentials[0].Subject, end) {
					t.Errorf("the subject is %q", p.Credentials[0].Subject)
				}
				if w.GitHub.Environment = ""; kind == "environment" {
					w.GitHub.Environment = name
				}
				useWorkflow(t, w, p.Workflow, console.Stored)
				for _, shell := range shells {
					checkShell(t, shell, script, console.Calls)
				}
			})
		}
	}
}

// checkShell runs a script in a real shell, with programs az and gh that print
// what they printed in the lab and write down how they were called.
func checkShell(t *testing.T, shell, script string, want []azurelab.Call) {
	t.Helper()
	dir := t.TempDir()
	const program = `#!/bin/sh
n=$(ls "$CALLS" | grep -c called)
for a in "${0##*/}" "$@"; do printf '%s\0' "$a"; done > "$CALLS/called.$n"
cat "$CALLS/answer.$n"
`
	bin, calls, work := filepath.Join(dir, "bin"), filepath.Join(dir, "calls"), filepath.Join(dir, "work")
	for _, d := range []string{bin, calls, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, content string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(bin, "az"), program, 0o755)
	write(filepath.Join(bin, "gh"), program, 0o755)
	for i, c := range want {
		write(filepath.Join(calls, fmt.Sprintf("answer.%d", i)), c.Stdout, 0o644)
	}
	cmd := exec.Command(shell)
	cmd.Stdin = strings.NewReader(script) // as pasted
	cmd.Dir = work
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "CALLS=" + calls, "HOME=" + work}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s\nin\n%s", shell, err, out, script)
		return
	}
	for i, c := range want {
		data, err := os.ReadFile(filepath.Join(calls, fmt.Sprintf("called.%d", i)))
		if err != nil {
			t.Errorf("%s: call %d, %q, was not made", shell, i, c.Args)
			return
		}
		if got := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00"); !slices.Equal(got, c.Args) {
			t.Errorf("%s: call %d is\n%q, in the lab\n%q", shell, i, got, c.Args)
		}
	}
	if more, _ := filepath.Glob(filepath.Join(calls, "called.*")); len(more) != len(want) {
		t.Errorf("%s made %d calls, the lab %d", shell, len(more), len(want))
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("%s left %s in its folder", shell, left[0].Name())
	}
}

// FuzzSetup: a subject, repository or name is refused with exit code 2, or its
// commands do in the lab what they should.
func FuzzSetup(f *testing.F) {
	for _, s := range hostileSubjects {
		f.Add(s, "octo-org/octo-app", "")
	}
	f.Add("branch:main", "octo-org/octo-app", "$(id)")
	f.Add("branch:main", "--help/'x'", "x")
	f.Fuzz(func(t *testing.T, subject, repository, name string) {
		exit, out, errs := setup(t, nil, "--repository="+repository, "--endpoint", setupEndpoint, "--deployment", "chat", "--subject="+subject, "--name="+name, "--format", "json")
		if exit == 2 && out == "" && errs != "" {
			return
		}
		var p plan
		if err := json.Unmarshal([]byte(out), &p); exit != 0 || err != nil {
			t.Fatalf("exit code %d, %v, %s", exit, err, errs)
		}
		w := azurelab.Empty()
		w.GitHub.Repository = p.Repository
		if _, err := w.Console().Run(p.Script + strings.Join(p.Store, "\n")); err != nil {
			t.Fatalf("%v\nin\n%s", err, p.Script)
		}
		for i, got := range federatedOf(w) {
			if got.Subject != p.Credentials[i].Subject {
				t.Errorf("the credential has the subject %q, want %q", got.Subject, p.Credentials[i].Subject)
			}
		}
	})
}
