package litellm

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A configuration that a pull request can change names the variables that fill
// it, and some of what it fills is shown: the model, its mode, the api-version.
// No variable may come to light that way that is none of these.

// What is shown, by the parameters' and variables' names.
var (
	shownVersions = []string{"api_version", "AZURE_API_VERSION", "AZURE_DEFAULT_RESPONSES_API_VERSION", "OPENAI_API_VERSION"}
	shownNames    = []string{"model", "health_check_model", "base_model", "mode", "custom_llm_provider"}
)

var (
	versionForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}(-[a-z]{1,10})?|v[0-9]{1,2}|preview|latest)$`)
	})
	nameForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_./*:@-]{1,128}$`) })
)

// unshowable is the id and the words of the fault of a variable that must not
// fill a parameter, since its text would be shown: it is none that the
// parameter takes, or its name says that it is a secret.
func unshowable(variable, param, text string) (id, why string) {
	version, name := slices.Contains(shownVersions, param), slices.Contains(shownNames, param)
	switch {
	case !version && !name || text == "":
		return "", ""
	case secretive(variable):
		return EnvRefused, "its name says that it holds a secret, and this key's value is shown"
	case version && !versionForm().MatchString(text):
		return VersionInvalid, "the variable holds no API version"
	case name && !nameForm().MatchString(text):
		return ConfigInvalid, "the variable holds no such name"
	}
	return "", ""
}

// secretive reports whether a variable's name says that it holds a secret.
func secretive(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"}, func(word string) bool { return strings.Contains(name, word) })
}
