package preflight

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// tryTimeout bounds one attempt at the model. A reasoning model may think for
// a while before its few tokens come.
const tryTimeout = 30 * time.Second

// A caller makes the calls to the model with the run's credential.
type caller struct {
	pipeline     runtime.Pipeline
	subscription *subscription // nil without a gateway's key
}

// newCaller builds the azcore pipeline of one endpoint: retries, the
// credential, the wire.
func (r *run) newCaller(cred azcore.TokenCredential) *caller {
	var auth policy.Policy
	if r.id.method == MethodKey {
		header, opts := "api-key", &runtime.KeyCredentialPolicyOptions{}
		if r.id.header == "Authorization" {
			header, opts.Prefix = r.id.header, "Bearer "
		}
		auth = runtime.NewKeyCredentialPolicy(azcore.NewKeyCredential(r.id.key.Reveal()), header, opts)
	} else {
		auth = runtime.NewBearerTokenPolicy(cred, []string{r.cfg.Scope}, nil)
	}
	perRetry := []policy.Policy{auth}
	c := &caller{}
	if !r.cfg.subscriptionKey.IsZero() {
		c.subscription = &subscription{key: r.cfg.subscriptionKey, taken: r.id.method == MethodKey}
		perRetry = append(perRetry, policyFunc(c.subscription.send))
	}
	perRetry = append(perRetry, policyFunc(addHeaders))
	c.pipeline = runtime.NewPipeline("aoai-preflight", version, runtime.PipelineOptions{PerRetry: perRetry}, &policy.ClientOptions{
		Transport: r.wire.client(ServiceModel, r.modelHost),
	})
	return c
}

// modelHost says where the token or key may go: to the endpoint that was
// found to be trusted, and nowhere else.
func (r *run) modelHost(u *url.URL) bool {
	if r.part != nil {
		return u.Scheme == "https" && trusted(u, r.cfg.AllowedHosts) && slices.ContainsFunc(r.part.targets, func(t Target) bool { return t.Endpoint == "https://"+u.Host })
	}
	return u.Scheme == "https" && strings.EqualFold(u.Host, r.cfg.Endpoint.Host) && trusted(r.cfg.Endpoint, r.cfg.AllowedHosts)
}

// headers are those that the client's configuration adds to a call.
type headers map[string]Secret

// addHeaders sets them, last: openai-python leaves a credential alone that was
// passed in.
func addHeaders(req *policy.Request) (*http.Response, error) {
	var add headers
	if req.OperationValue(&add) {
		for name, v := range add {
			req.Raw().Header.Set(name, v.Reveal())
		}
	}
	return req.Next()
}

type policyFunc func(*policy.Request) (*http.Response, error)

func (f policyFunc) Do(req *policy.Request) (*http.Response, error) { return f(req) }

// A result is what calling a target came to.
type result struct {
	ok    bool // access is proven
	model string
	note  string // code of what the answer is worth a notice for, "" for nothing
	took  time.Duration
}

// call makes the minimal request for a target. It goes on to another form of
// the request only when the service refuses the form and not the caller, and
// then once. t is the job's target, or a variant of it.
func (c *caller) call(ctx context.Context, j *job, t *Target, rec *recorder) (result, error) {
	ctx = withRecorder(ctx, rec)
	forms := t.forms()
	told := false // which header the gateway reads its key from
	for i := 0; ; i++ {
		begin := time.Now()
		body, err := c.send(ctx, j, t, forms[i])
		res := result{took: time.Since(begin)}
		x := last(rec.list())
		switch {
		case err != nil || x == nil:
			return res, err
		case x.OK():
			res.model, res.note, res.ok = t.genuine(x.Header["content-type"], body)
			if !res.ok {
				rec.foreign(body)
			}
			return res, nil
		case forms[i].invalid != "" && complainsAbout(x, forms[i].invalid):
			res.ok = true
			return res, nil
		case i+1 < len(forms) && refusesForm(x, forms[i]):
			continue
		case !told && c.subscription.learn(x):
			told = true
			i--
			continue
		}
		return res, nil
	}
}

// send makes one request. Transient failures are tried again by the pipeline,
// while the call keeps its place; a resource that asks to wait is waited for
// without it.
func (c *caller) send(ctx context.Context, j *job, t *Target, f form) ([]byte, error) {
	for {
		// Each call counts its own retries.
		retry := retryOptions(ctx, tryTimeout)
		var asked time.Duration
		transient := retry.ShouldRetry
		retry.ShouldRetry = func(resp *http.Response, err error) bool {
			if !transient(resp, err) {
				return false
			}
			if err != nil {
				return true
			}
			d := waitAsked(resp)
			if d > 0 && resp.StatusCode == http.StatusTooManyRequests {
				asked = d
				return false
			}
			j.turn.rest(min(d, room(ctx)/2))
			return true
		}
		req, err := runtime.NewRequest(policy.WithRetryOptions(ctx, retry), http.MethodPost, t.url(f))
		if err != nil {
			return nil, err
		}
		req.Raw().Header.Set("Accept", "application/json")
		req.SetOperationValue(headers(j.headers))
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(f.body)), f.contentType); err != nil {
			return nil, err
		}
		resp, err := c.pipeline.Do(req)
		if err != nil {
			return nil, err
		}
		if asked > 0 && j.turn.again(ctx, asked) {
			continue
		}
		return runtime.Payload(resp)
	}
}

// complainsAbout reports whether the service, having let us in, objects to the
// one parameter that is wrong on purpose. Nothing but a complaint about that
// parameter is the proof.
func complainsAbout(x *Exchange, param string) bool {
	if !ownRefusal(x) {
		return false
	}
	if x.Param == param || strings.HasPrefix(x.Param, param+".") {
		return true
	}
	// Older answers have no param: there the sentence names it, and says what
	// values are right.
	for _, q := range []string{"'" + param + "'", `"` + param + `"`, "`" + param + "`"} {
		if strings.Contains(x.Message, q) && aboutValue().MatchString(x.Message) {
			return true
		}
	}
	// The transcription services speak of the file in prose.
	return param == "file" && aboutFile().MatchString(x.Message)
}

// aboutFile is what Whisper and the transcribe models say of a file that they
// cannot read. Reports: azure-sdk-for-net issue 40780 (with 424), vercel/ai
// issue 8013, openai-python issue 2477, open-webui issue 13636.
var aboutFile = lazy(`(?i)audio file|(?:invalid|unrecognized) file format|does not support the format you provided`)

var aboutValue = lazy(`(?i)minimum|maximum|less than|greater than|at least|invalid value|must be|expected|too short|required parameter|out of range`)

// refusesForm reports whether another form of the request may be accepted: the
// service objects to the parameter that bounds the answer, or the deployment's
// model does the other audio operation.
func refusesForm(x *Exchange, f form) bool {
	switch x.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
	default:
		return false
	}
	if strings.HasPrefix(f.path, "audio/") {
		return x.Code == "OperationNotSupported" || strings.Contains(x.Message, "operation does not work with the specified model")
	}
	return f.limit != "" && (x.Param == f.limit || strings.Contains(x.Message, f.limit)) && !outOfTokens(x)
}

// outOfTokens is a reasoning model's refusal to stop within the few tokens that
// were asked for: it has let us in.
func outOfTokens(x *Exchange) bool {
	return x.Status == http.StatusBadRequest && strings.Contains(x.Message, "model output limit was reached")
}

// foreign marks the last exchange as an answer that the service would not give.
func (r *recorder) foreign(body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := &r.exchanges[len(r.exchanges)-1]
	x.Fault = FaultForeign
	x.Detail = fmt.Sprintf("status %d with %d bytes of %q that are no answer of Azure OpenAI", x.Status, len(body), x.Header["content-type"])
}

func last(xs []Exchange) *Exchange {
	if len(xs) == 0 {
		return nil
	}
	return &xs[len(xs)-1]
}
