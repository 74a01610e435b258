package litellm

import (
	"slices"
	"strings"
)

// Which .env file does "import litellm" load?
//
// It calls python-dotenv's load_dotenv() without a path. That walks up from the
// folder of the file that calls it, which is litellm's own in site-packages, not
// from the working directory; the first .env that is a file is loaded, and no
// other. Run on 2026-11-24 with litellm 1.63.7, 1.67.2, 1.81.12 and 1.109.1 and
// python-dotenv 1.2.4, with the same result for the proxy's command line:
//
//   - a virtual environment in the checkout: .venv/.env, then the checkout's
//     .env, then those of the folders above, whatever the working directory;
//   - a virtual environment, or a Python, elsewhere (actions/setup-python and
//     pip): none of the checkout's, for scripts, python -m, pytest, and a
//     program on standard input;
//   - but where python-dotenv sees a debugger, it starts at the working
//     directory: python -c, an interactive session, and every traced run, so
//     pytest --cov and coverage run (sys.gettrace() is set). The checkout's
//     .env is loaded then, wherever Python is installed;
//   - LITELLM_MODE other than DEV (an empty one too, and dev), or a true
//     PYTHON_DOTENV_DISABLED: none;
//   - a variable that is set, if only to nothing, is left as it is;
//   - a file that is not UTF-8, or holds a NUL, makes the import fail.

// LoadsDotEnv reports whether importing litellm loads a .env file at all.
func LoadsDotEnv(env Environment) bool {
	if mode := env("LITELLM_MODE"); mode.Set && mode.Text.Reveal() != "DEV" {
		return false
	}
	disabled := strings.ToLower(env("PYTHON_DOTENV_DISABLED").Text.Reveal())
	return !slices.Contains([]string{"1", "true", "t", "yes", "y"}, disabled)
}

// VirtualEnvironments is the folders in the workspace in which litellm is, or
// will be, installed: those with the usual names that hold a virtual
// environment, and uv's, which uv sync makes from a lock. exists reports
// whether a file of the workspace exists.
func VirtualEnvironments(exists func(name string) bool) []string {
	var found []string
	for _, name := range []string{".venv", "venv", "env", ".env"} {
		if exists(name+"/pyvenv.cfg") || name == ".venv" && exists("uv.lock") {
			found = append(found, name)
		}
	}
	return found
}

// DotEnvFiles is the .env files of the workspace that importing litellm looks
// for, in this order: the first that exists is loaded, alone. It takes the
// folders of the virtual environments in the workspace. Without any, the
// workspace's own .env is loaded only by a run that is traced or interactive,
// from a working directory in the workspace, and certain is false.
func DotEnvFiles(virtualEnvironments []string) (files []string, certain bool) {
	for _, dir := range virtualEnvironments {
		files = append(files, dir+"/.env")
	}
	return append(files, ".env"), len(virtualEnvironments) > 0
}
