// Copyright (c) 2026, multicluster.interconnect contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command ocm-webhook serves Open Cluster Management's own admission webhooks on one loopback address.
//
// The webhooks are upstream's code, unchanged. Only the listener differs: OCM's `registration webhook-server` listens
// on all interfaces, with health and metrics fixed at ports 8000 and 8080
// (open-cluster-management.io/ocm@v1.2.1:pkg/common/options/webhook.go), which a lab of plain processes can not offer.
package main

import (
	"flag"
	"log"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	clusterv1 "open-cluster-management.io/api/cluster/v1"
	ocmfeature "open-cluster-management.io/api/feature"
	"open-cluster-management.io/ocm/pkg/features"
	webhookv1 "open-cluster-management.io/ocm/pkg/registration/webhook/v1"
	webhookv1beta2 "open-cluster-management.io/ocm/pkg/registration/webhook/v1beta2"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Int("port", 9443, "port of the webhooks (TLS)")
	certDir := flag.String("cert-dir", "", "directory with tls.crt and tls.key")
	health := flag.String("health-address", "", "host:port of /healthz and /readyz (plain HTTP)")
	flag.Parse() // controller-runtime adds --kubeconfig
	ctrl.SetLogger(klog.Background())

	utilruntime.Must(features.HubMutableFeatureGate.Add(ocmfeature.DefaultHubRegistrationFeatureGates))
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(clusterv1.Install(scheme))
	utilruntime.Must(webhookv1beta2.Install(scheme))

	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                 scheme,
		HealthProbeBindAddress: *health,
		Metrics:                metricsserver.Options{BindAddress: "0"},
		WebhookServer:          webhook.NewServer(webhook.Options{Host: *host, Port: *port, CertDir: *certDir}),
	})
	check(err)
	check((&webhookv1.ManagedClusterWebhook{}).Init(manager))
	check((&webhookv1beta2.ManagedClusterSetBindingWebhook{}).Init(manager))
	check(manager.AddReadyzCheck("webhooks", manager.GetWebhookServer().StartedChecker()))
	check(manager.AddHealthzCheck("ping", healthz.Ping))
	check(manager.Start(ctrl.SetupSignalHandler()))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
