package azurelab

import (
	"fmt"
	"net/http"
	"strconv"
)

// The service has three shapes of error: its gateway's, its own and OpenAI's.

type statusMessage struct {
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
}

type codeMessage struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type azureError struct {
	Error codeMessage `json:"error"`
}

type openAIError struct {
	Error openAIErrorBody `json:"error"`
}

type openAIErrorBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

func errorCode(code, message string) azureError { return azureError{codeMessage{code, message}} }

func ptr(s string) *string { return &s }

// invalid is OpenAI's complaint about a parameter. An empty code or param is
// null.
func invalid(param, code, format string, args ...any) *reply {
	e := openAIErrorBody{Message: fmt.Sprintf(format, args...), Type: "invalid_request_error"}
	if param != "" {
		e.Param = &param
	}
	if code != "" {
		e.Code = &code
	}
	return jsonReply(http.StatusBadRequest, openAIError{e})
}

// throttle answers for a quota that is used up.
func (d *Deployment) throttle(r *Resource, rt route, version string) *reply {
	l := d.RateLimit
	if l == nil || l.Times > 0 && l.hits >= l.Times {
		return nil
	}
	l.hits++
	seconds := int(l.RetryAfter.Seconds())
	if version == "" {
		version = "v1"
	}
	var message string
	if l.Terse {
		// Reports of 2023 and 2024: langchain issue 14339.
		message = fmt.Sprintf("Requests to the %s Operation under Azure OpenAI API version %s have exceeded token rate limit of your current %s S0 pricing tier. Please retry after %d seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
			limitName[rt.op], version, r.Kind, seconds)
	} else {
		// Report of November 2025: dyad-sh/dyad issue 1849.
		message = fmt.Sprintf("Your requests to %s for %s in %s have exceeded the token rate limit for your current %s S0 pricing tier. This request was for %s under Azure OpenAI API version %s. Please retry after %d seconds. To increase your default rate limit, visit: https://aka.ms/oai/quotaincrease.",
			d.Name, d.Model, r.regionName(), r.Kind, limitName[rt.op], version, seconds)
	}
	return jsonReply(http.StatusTooManyRequests, errorCode("429", message)).
		set("Retry-After", strconv.Itoa(seconds)).
		set("Retry-After-Ms", strconv.Itoa(seconds*1000)).
		set("X-Ratelimit-Reset-Requests", strconv.Itoa(seconds)).
		set("X-Ratelimit-Limit-Tokens", "1000").
		set("X-Ratelimit-Remaining-Tokens", "0").
		set("X-Ms-Region", r.regionName())
}

// filtered is the content filter's refusal of a prompt. Report: the newer shape
// with innererror.
func filtered() *reply {
	type verdict struct {
		Filtered bool   `json:"filtered"`
		Severity string `json:"severity,omitempty"`
	}
	type inner struct {
		Code   string             `json:"code"`
		Result map[string]verdict `json:"content_filter_result"`
	}
	return jsonReply(http.StatusBadRequest, map[string]any{"error": struct {
		Message    string  `json:"message"`
		Type       *string `json:"type"`
		Param      string  `json:"param"`
		Code       string  `json:"code"`
		Status     int     `json:"status"`
		InnerError inner   `json:"innererror"`
	}{
		Message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
		Param:   "prompt",
		Code:    "content_filter",
		Status:  http.StatusBadRequest,
		InnerError: inner{"ResponsibleAIPolicyViolation", map[string]verdict{
			"hate":      {false, "safe"},
			"jailbreak": {true, ""},
			"self_harm": {false, "safe"},
			"sexual":    {false, "safe"},
			"violence":  {false, "safe"},
		}},
	}})
}
