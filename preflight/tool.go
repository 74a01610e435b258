package preflight

import (
	"context"
	"errors"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// maxPrinted bounds by how much the memory in use may grow while a credential's
// tools are run.
const maxPrinted = 64 << 20

const printedWithoutEnd = "a tool that it runs printed without end, and was stopped"

// errPrinted is worded as the chain's own error begins.
var errPrinted = errors.New("DefaultAzureCredential: failed to acquire a token: " + printedWithoutEnd)

// killedTool is how azidentity names a tool that had not ended when its time was
// over.
var killedTool = lazy(`\b(Azure(?:CLI|DeveloperCLI|PowerShell)Credential): signal: killed`)

// toolTrouble says what became of a tool of the chain, "" where it ended by
// itself. az, azd and pwsh wait for a lock, for a network or for an answer.
func toolTrouble(e *Evidence) string {
	if m := killedTool().FindStringSubmatch(e.Text); m != nil {
		return "The command line tool that " + m[1] + " runs had not answered when the time was over, and was stopped."
	}
	if strings.Contains(e.Text, printedWithoutEnd) {
		return "A command line tool that the chain of credentials runs printed without end, and was stopped."
	}
	return ""
}

// A stopping credential runs tools: az, azd, pwsh. azidentity keeps all that they
// print and has no bound for it. A tool that never stops printing fills the
// memory, the process with it hangs long past its deadline, and nothing but the
// memory tells.
type stopping struct{ azcore.TokenCredential }

// GetToken implements [azcore.TokenCredential].
func (s stopping) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var stopped atomic.Bool
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for most := memoryInUse() + maxPrinted; memoryInUse() <= most; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		stopped.Store(true)
		stop()
	}()
	t, err := s.TokenCredential.GetToken(ctx, o)
	if err != nil && stopped.Load() {
		err = errPrinted // the text may be what the tool printed, all of it
	}
	return t, err
}

// memoryInUse is what the last garbage collection left.
func memoryInUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
