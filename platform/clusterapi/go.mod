module kubetrace/platform/clusterapi

go 1.26.0

require (
	kubetrace v0.0.0
	sigs.k8s.io/cluster-api/api v1.14.2
)

replace kubetrace => ../..
