package waterfall

// fixed are the colours of what a cluster has, and palette those of others. All
// are dark enough for a thin bar on white, and none is the red of failures.
var (
	fixed = map[string]string{
		"apiserver":  "#1a56db",
		"etcd":       "#b45309",
		"kubelet":    "#0f766e",
		"containerd": "#7c3aed",
	}
	palette = []string{"#44546a", "#be185d", "#4d7c0f", "#0891b2", "#a16207", "#4338ca"}
)

// colorsOf gives each service its colour. Those of the palette go by the order of
// the names.
func colorsOf(services []string) map[string]string {
	colors := map[string]string{}
	others := 0
	for _, service := range services {
		color, ok := fixed[service]
		if !ok {
			color = palette[others%len(palette)]
			others++
		}
		colors[service] = color
	}
	return colors
}
