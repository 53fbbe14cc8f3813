// Disables the probe of 127.0.0.1:1337 for the test process and its children, so that no test connects to a real Osaurus.
'use strict'

process.env.OSAURUS_DISCOVERY_FALLBACK_PORT ??= '0'
