package preflight

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sethvargo/go-githubactions"
)

// idTokenAttempts is how often the token service is asked. It is known to fail
// now and then; the toolkit's own client retries as well.
const idTokenAttempts = 4

// errEmptyIDToken is an answer of the token service without a token, for which
// go-githubactions returns no error.
var errEmptyIDToken = errors.New("the token service's answer holds no token")

// idToken asks the runner's OIDC token service for a fresh assertion. Transient
// failures are retried inside the context's deadline; the exchanges are in the
// context's recorder.
func (r *run) idToken(ctx context.Context) (Secret, *Claims, error) {
	if t := r.w.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN"); t != "" {
		r.vault.keep(t)
	}
	action := githubactions.New(
		githubactions.WithGetenv(r.w.getenv),
		githubactions.WithWriter(io.Discard), // fetching a token has nothing to print
		githubactions.WithHTTPClient(r.wire.client(ServiceGitHub, r.idTokenHost)),
	)
	for attempt := 1; ; attempt++ {
		token, err := r.tryIDToken(ctx, action)
		if err == nil {
			return r.vault.keep(token), decodeClaims(token), nil
		}
		var failed *githubactions.RequestFailedError
		if errors.As(err, &failed) && !transientStatus(failed.StatusCode) {
			return Secret{}, nil, err
		}
		if fault, _ := classify(err, ""); failed == nil && err != errEmptyIDToken && !fault.mayPass(attempt) {
			return Secret{}, nil, err
		}
		pause := 500 * time.Millisecond << (attempt - 1)
		if asked, status := idTokenWait(ctx); asked > 0 && asked < room(ctx)-time.Second {
			// The service says when. A wait that the run has no time for is no
			// reason not to try once more.
			pause = max(pause, asked)
			if status == http.StatusTooManyRequests {
				attempt--
			}
		}
		if attempt == idTokenAttempts || !sleep(ctx, pause) {
			return Secret{}, nil, err
		}
	}
}

// idTokenWait is the wait that the token service asked for last, and with which
// status: 0 when it asked for none, or did not answer.
func idTokenWait(ctx context.Context) (time.Duration, int) {
	rec, ok := ctx.Value(recorderKey{}).(*recorder)
	if !ok {
		return 0, 0
	}
	x := last(rec.list())
	if x == nil || x.Service != ServiceGitHub {
		return 0, 0
	}
	return x.RetryAfter(), x.Status
}

func (r *run) tryIDToken(ctx context.Context, action *githubactions.Action) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	token, err := action.GetIDToken(ctx, r.cfg.Audience)
	if err == nil && token == "" {
		return "", errEmptyIDToken
	}
	return token, err
}

// idTokenHost says where the request token may go: to GitHub's own token
// service, or to the server that this run belongs to.
func (r *run) idTokenHost(u *url.URL) bool {
	if u.Scheme != "https" || (u.Port() != "" && u.Port() != "443" && !sameServer(u, r.job.Server)) {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if under(host, "actions.githubusercontent.com") {
		return true
	}
	server, err := url.Parse(r.job.Server)
	if err != nil || server.Hostname() == "" {
		return false
	}
	own := strings.ToLower(server.Hostname())
	// GitHub Enterprise Cloud with data residency: *.actions.NAME.ghe.com.
	return host == own || (strings.HasSuffix(own, ".ghe.com") && under(host, own))
}

func sameServer(u *url.URL, server string) bool {
	s, err := url.Parse(server)
	return err == nil && strings.EqualFold(s.Host, u.Host)
}

// sleep waits unless the wait would outlast the context. It reports whether it
// waited.
func sleep(ctx context.Context, d time.Duration) bool {
	if room(ctx) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
