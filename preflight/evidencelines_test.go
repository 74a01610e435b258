package preflight

import (
	"slices"
	"strings"
	"testing"
)

// TestMemberLines: of a chain each member's reason is shown, and nothing else of
// its text.
func TestMemberLines(t *testing.T) {
	t.Parallel()
	const long = "DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"azidentity", long + "\tEnvironmentCredential: missing environment variables\n\tManagedIdentityCredential: authentication failed\n\tGET http://169.254.169.254/metadata\n\t\"error\": \"x\"\n\tAzureCLICredential: Azure CLI not found on path",
			[]string{"EnvironmentCredential: missing environment variables", "ManagedIdentityCredential: authentication failed", "AzureCLICredential: Azure CLI not found on path"}},
		{"one credential", "AzureCLICredential: Azure CLI not found on path", nil},
		{"another error", "401 Unauthorized\nAzureCLICredential: no", nil},
		{"too many", long + strings.Repeat("\tOtherCredential: no\n", 50), slices.Repeat([]string{"OtherCredential: no"}, maxMembers)},
		{"nothing", "", nil},
	} {
		if got := memberLines(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
