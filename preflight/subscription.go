package preflight

import (
	"cmp"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// subscriptionHeader is API Management's own header for a subscription's key.
const subscriptionHeader = "Ocp-Apim-Subscription-Key"

// A subscription is a gateway's key. The header that it belongs into is set on
// each API: who imports Azure OpenAI into API Management gets api-key. A
// gateway that misses the key says in its 401 where it looks for it.
// https://learn.microsoft.com/azure/api-management/azure-openai-api-from-specification
type subscription struct {
	key   Secret
	taken bool // api-key carries the model's own key

	mu    sync.Mutex
	names map[string]string // of the header, by host
}

// send adds the key, but never for one of Azure's own hosts, which would have
// no use for it.
func (s *subscription) send(req *policy.Request) (*http.Response, error) {
	if u := req.Raw().URL; cloudOf(u.Hostname()) == nil {
		s.mu.Lock()
		name := cmp.Or(s.names[u.Host], subscriptionHeader)
		s.mu.Unlock()
		req.Raw().Header.Set(name, s.key.Reveal())
	}
	return req.Next()
}

// learn reports whether a refusal names a header for the key that another try
// may take. A gateway cannot have it in any other header than one for keys.
func (s *subscription) learn(x *Exchange) bool {
	if s == nil || x.Status != http.StatusUnauthorized || cloudOf(x.Host) != nil {
		return false
	}
	m := wantedHeader().FindStringSubmatch(x.Header["www-authenticate"])
	if m == nil || strings.EqualFold(m[1], subscriptionHeader) || s.taken && strings.EqualFold(m[1], "api-key") {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = map[string]string{}
	}
	s.names[x.Host] = m[1]
	return true
}

var wantedHeader = lazy(`(?i)^AzureApiManagementKey\b[^\r\n]*\bname="([a-z0-9-]{0,40}key)",\s*type="header"`)
