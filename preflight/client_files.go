package preflight

import (
	"path"
	"slices"
	"strings"
)

// Where a workspace's lock and requirements files are looked for.

// maxFolders bounds the folders below the root that are looked into.
const maxFolders = 100

// requirementFiles are the names to look through: those at the root, in its
// folder requirements and beside the client's configuration, which say what the
// suite runs, and those of the other folders one level below, which may be
// another program's.
func (r *run) requirementFiles() (own, below []string) {
	config := ""
	if c := fromWorkspace(r.w, r.cfg.LiteLLMConfig); c != "" {
		config = path.Dir(path.Clean(c))
	}
	folders := 0
	if config != "" && config != "." {
		own = folderConfined(r.w, config, maxListed)
	}
	for _, name := range listConfined(r.w, maxListed) {
		folder, ok := strings.CutSuffix(name, "/")
		switch {
		case !ok:
			own = append(own, name)
		case folder == config, strings.HasPrefix(folder, "."), slices.Contains(installed, folder), folders >= maxFolders:
		case folder == "requirements":
			own = append(own, folderConfined(r.w, folder, maxListed)...)
		default:
			folders++
			below = append(below, folderConfined(r.w, folder, maxListed)...)
		}
	}
	return own, below
}

// installed are folders of what is installed or built, not of what is asked for.
var installed = []string{"node_modules", "venv", "env", "dist", "build", "target", "vendor", "site-packages", "__pycache__"}

// folderConfined lists a folder of the workspace, at most limit names, each
// with the folder before it.
func folderConfined(w World, folder string, limit int) []string {
	var names []string
	for _, e := range entriesConfined(w, folder, limit) {
		if !e.IsDir() {
			names = append(names, folder+"/"+e.Name())
		}
	}
	return names
}
