package scenario_test

import (
	"context"
	"testing"
	"time"

	"kubetrace/e2e/scenario"
)

// TestUpgrade upgrades one cluster twice with the same command: as it is, which
// fails, and with our steps.
func TestUpgrade(t *testing.T) {
	ctx := until(t)
	p := newProgress("upgrade")
	u, err := scenario.NewUpgrade(ctx, p.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRun(t, u.Run) })
	p.began = time.Now()
	step := func(name string, do func(context.Context) error) { p.step(ctx, t, name, do) }

	step("boots with etcd's flags of an older release", u.Boot)
	step("runs the collector", u.Apply)
	step("is traced before", u.Traced)
	step("cannot be upgraded as it is", u.Fails)
	step("is traced as before", u.Again)
	step("takes our steps", u.Mend)
	step("is upgraded", u.Succeeds)
	step("is traced after", u.Again)
	step("has no findings after", u.Checked)
	step("traces a Deployment that comes and goes", func(ctx context.Context) error {
		_, err := u.Scenario(ctx)
		return err
	})
	p.log("done")
}
