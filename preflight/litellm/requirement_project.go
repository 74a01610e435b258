package litellm

import "slices"

// project reads the dependencies of a pyproject.toml, by the standards (PEP 621,
// PEP 735) and by the tools that have places of their own for them, and of a
// Pipfile.
func (f *finder) project(src *sourceText) {
	scanTOML(src.text, func(leaf tomlLeaf) {
		keys := leaf.keys
		if isRequirementList(keys) {
			f.bound = keysMatch(keys, "tool", "uv", "constraint-dependencies") || keysMatch(keys, "tool", "uv", "override-dependencies")
			f.dependency(src, leaf.at, leaf.text)
			f.bound = false
			return
		}
		i := packageKey(keys)
		if i < 0 {
			return
		}
		// Poetry: name = "^1.2", name = {version = "^1.2", …}, a list of such
		// tables, or a table [tool.poetry.dependencies.name].
		if len(keys) == i+2 && (keys[i+1].text == "url" || keys[i+1].text == "path") {
			if name, version, ok := archived(leaf.text); ok {
				f.add(src, max(keys[i+1].at, 0), name, "=="+version, pep508, Requirement{})
			}
			return
		}
		if len(keys) == i+2 && keys[i+1].text != "version" || len(keys) > i+2 {
			return
		}
		at := keys[i].at
		if at < 0 || !src.sameLine(at, leaf.at) {
			at = keys[len(keys)-1].at
		}
		f.add(src, max(at, 0), keys[i].text, leaf.text, poetry, Requirement{})
	})
}

// isRequirementList reports whether the strings under a path are PEP 508 requirements.
func isRequirementList(keys []tomlKey) bool {
	return keysMatch(keys, "project", "dependencies") ||
		keysMatch(keys, "project", "optional-dependencies", "*") ||
		keysMatch(keys, "dependency-groups", "*") ||
		keysMatch(keys, "tool", "uv", "dev-dependencies") ||
		keysMatch(keys, "tool", "uv", "constraint-dependencies") ||
		keysMatch(keys, "tool", "uv", "override-dependencies") ||
		keysMatch(keys, "tool", "pdm", "dev-dependencies", "*") ||
		keysMatch(keys, "tool", "hatch", "envs", "*", "dependencies") ||
		keysMatch(keys, "tool", "hatch", "envs", "*", "extra-dependencies")
}

// packageKey is the index of the key that is a package's name under a path of such
// keys, -1 for another path.
func packageKey(keys []tomlKey) int {
	for _, table := range [][]string{
		{"tool", "poetry", "dependencies"},
		{"tool", "poetry", "dev-dependencies"},
		{"tool", "poetry", "group", "*", "dependencies"},
		{"tool", "pixi", "pypi-dependencies"},
		{"tool", "uv", "sources"},
		{"packages"}, {"dev-packages"}, // Pipfile
	} {
		if len(keys) > len(table) && keysMatch(keys[:len(table)], table...) {
			return len(table)
		}
	}
	return -1
}

// keysMatch reports whether a path is the one given, in which "*" is any key.
func keysMatch(keys []tomlKey, path ...string) bool {
	return slices.EqualFunc(keys, path, func(k tomlKey, want string) bool { return want == "*" || k.text == want })
}
