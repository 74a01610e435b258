package preflight

import (
	"path/filepath"
	"testing"
)

const workflowFile = `name: suite
on: push
permissions:
  contents: read
env:
  AZURE_API_KEY: ${{ secrets.NOBODY }}
jobs:
  other:
    runs-on: ubuntu-latest
    steps: []
  test:
    runs-on: ubuntu-latest
    env:
      AZURE_CLIENT_ID: nonsense
    steps:
      - run: make
      - uses: ./
        with:
          endpoint: http://octo.openai.azure.com
          deployment: gpt-4o
`

func TestLocate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mkdir(t, filepath.Join(dir, ".github/workflows"))
	write(t, filepath.Join(dir, ".github/workflows/ci.yml"), workflowFile)
	w := env(map[string]string{"GITHUB_WORKSPACE": dir})
	job := Job{Repository: "octo-org/octo-app", WorkflowRef: "octo-org/octo-app/.github/workflows/ci.yml@refs/heads/main", JobID: "test"}
	sources := map[string]string{"endpoint": "input endpoint", "client-id": "variable AZURE_CLIENT_ID", "deployment": "input deployment"}
	wf := readWorkflow(w, job)
	for _, c := range []struct {
		remedy Remedy
		line   int
	}{
		{Remedy{Kind: GrantPermission}, 3},
		{Remedy{Kind: UnsetVariable, Params: map[string]string{"name": "AZURE_API_KEY"}}, 6},
		{Remedy{Kind: UseClient}, 14},
		{Remedy{Kind: UseEndpoint}, 19},
		{Remedy{Kind: SetInput, Params: map[string]string{"input": "deployment"}}, 20},
		{Remedy{Kind: UseTenant}, 0},
		{Remedy{Kind: AssignRole}, 0},
	} {
		got := wf.locate(&Finding{Remedy: c.remedy}, sources)
		switch {
		case c.line == 0 && got != nil:
			t.Errorf("%s: %+v, want none", c.remedy.Kind, *got)
		case c.line > 0 && (got == nil || got.Line != c.line || got.File != ".github/workflows/ci.yml"):
			t.Errorf("%s %v: %+v, want line %d", c.remedy.Kind, c.remedy.Params, got, c.line)
		}
	}
	for name, j := range map[string]Job{
		"another repository's workflow": {Repository: "octo-org/octo-app", WorkflowRef: "octo-org/shared/.github/workflows/ci.yml@main", JobID: "test"},
		"a path that leads out":         {Repository: "octo-org/octo-app", WorkflowRef: "octo-org/octo-app/.github/workflows/../../../x@main", JobID: "test"},
		"a job that is not there":       {Repository: "octo-org/octo-app", WorkflowRef: job.WorkflowRef, JobID: "gone"},
		"nothing known":                 {},
	} {
		if wf := readWorkflow(w, j); wf.locate(&Finding{Remedy: Remedy{Kind: GrantPermission}}, sources) != nil {
			t.Errorf("%s: a location was found", name)
		}
	}
}
