package scenario_test

import (
	"context"
	"flag"
	"strings"
	"testing"
	"time"

	"kubetrace/e2e/scenario"
)

var upgrades = flag.String("upgrades", strings.Join(scenario.UpgradeNames(), ","), "the `names` of the upgrades, with commas")

// TestUpgrade carries the upgrades out, one after the other.
func TestUpgrade(t *testing.T) {
	for name := range strings.SplitSeq(*upgrades, ",") {
		plan, err := scenario.FindUpgrade(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(plan.Name, func(t *testing.T) { carryOutUpgrade(t, plan) })
	}
}

// carryOutUpgrade upgrades one cluster twice with the same command: as it is, which
// fails, and with our steps.
func carryOutUpgrade(t *testing.T, plan scenario.UpgradePlan) {
	ctx := until(t)
	p := newProgress(plan.Name)
	u, err := scenario.NewUpgrade(ctx, plan, p.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRun(t, u.Run) })
	p.began = time.Now()
	step := func(name string, do func(context.Context) error) { p.step(ctx, t, name, do) }

	step("boots with settings of older releases", u.Boot)
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
