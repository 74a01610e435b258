package preflight

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxWorkflow bounds the workflow file that is read. GitHub's own limit is
// half of this.
const maxWorkflow = 1 << 20

// A workflow is the file that this run's job stands in, with positions, as far
// as it can be read: the workspace has it only after a checkout. It serves to
// put an annotation on the line at fault, and nothing else.
type workflow struct {
	file string
	root *yaml.Node // the document's mapping
	job  *yaml.Node // jobs.ID, a mapping
	key  *yaml.Node // the key of job
}

// readWorkflow finds the job in its workflow's file. It returns nil when there
// is nothing to point at: no checkout, another repository's workflow, a file
// that has changed since.
func readWorkflow(w World, j Job) *workflow {
	// octo-org/octo-app/.github/workflows/ci.yml@refs/heads/main
	path, ok := strings.CutPrefix(j.WorkflowRef, j.Repository+"/")
	path, _, has := strings.Cut(path, "@")
	if !ok || !has || !strings.HasPrefix(path, ".github/workflows/") {
		return nil
	}
	data, err := readConfined(w, path, maxWorkflow)
	if err != nil {
		return nil
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	wf := &workflow{file: path, root: doc.Content[0]}
	_, jobs := child(wf.root, "jobs")
	wf.key, wf.job = child(jobs, j.JobID)
	if wf.job == nil {
		return nil
	}
	return wf
}

// locate is the line that a finding's remedy would change, nil when the file
// does not show one.
func (wf *workflow) locate(f *Finding, sources map[string]string) *Location {
	if wf == nil {
		return nil
	}
	switch f.Remedy.Kind {
	case GrantPermission:
		return wf.at(wf.permissions())
	case SetVariable, UnsetVariable:
		return wf.at(wf.variable(f.Remedy.Params["name"]))
	}
	name := remedyInput(f.Remedy)
	if name == "" {
		return nil
	}
	if variable, ok := strings.CutPrefix(sources[name], "variable "); ok {
		return wf.at(wf.variable(variable))
	}
	step := wf.step(name)
	if key, _ := child(step, name); key != nil {
		return wf.at(key)
	}
	return nil
}

// remedyInput is the input that a remedy would change.
func remedyInput(r Remedy) string {
	switch r.Kind {
	case SetInput:
		return r.Params["input"]
	case UseTenant:
		return "tenant-id"
	case UseClient:
		return "client-id"
	case UseAudience:
		return "audience"
	case UseScope:
		return "scope"
	case UseCloud:
		return "cloud"
	case UseEndpoint, AllowHost:
		return "endpoint"
	case UseDeployment:
		return "deployment"
	case UseOperation:
		return "operation"
	case UseAPIVersion:
		return "api-version"
	case UseIdentity:
		return "identity"
	}
	return ""
}

// permissions is the key to change so that the job may ask for an ID token: a
// block of the job replaces the workflow's.
func (wf *workflow) permissions() *yaml.Node {
	if key, _ := child(wf.job, "permissions"); key != nil {
		return key
	}
	if key, _ := child(wf.root, "permissions"); key != nil {
		return key
	}
	return wf.key
}

// variable is the key of a variable in the nearest env block that has it.
func (wf *workflow) variable(name string) *yaml.Node {
	for _, m := range append(wf.ours(), wf.job, wf.root) {
		_, env := child(m, "env")
		if key, _ := child(env, name); key != nil {
			return key
		}
	}
	return nil
}

// step is the with block of this action's step, when only one can be meant:
// the runner does not say which step it runs.
func (wf *workflow) step(input string) *yaml.Node {
	var found *yaml.Node
	for _, s := range wf.ours() {
		_, with := child(s, "with")
		if key, _ := child(with, input); key == nil {
			continue
		}
		if found != nil {
			return nil
		}
		found = with
	}
	return found
}

// ours are the job's steps that may be this action's.
func (wf *workflow) ours() []*yaml.Node {
	_, steps := child(wf.job, "steps")
	if steps == nil || steps.Kind != yaml.SequenceNode {
		return nil
	}
	var out []*yaml.Node
	for _, s := range steps.Content {
		if _, uses := child(s, "uses"); uses != nil && (strings.HasPrefix(uses.Value, "./") || strings.Contains(uses.Value, "aoai-preflight")) {
			out = append(out, s)
		}
	}
	return out
}

func (wf *workflow) at(n *yaml.Node) *Location {
	if n == nil {
		return nil
	}
	return &Location{File: wf.file, Line: n.Line, Column: n.Column}
}

// child is the key and value of a mapping's entry, nil and nil without one.
func child(m *yaml.Node, name string) (key, value *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i], m.Content[i+1]
		}
	}
	return nil, nil
}
