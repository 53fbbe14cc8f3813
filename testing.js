// How does an app test itself against Osaurus where there is none?
'use strict'

const { startFakeOsaurus } = require('./lib/fake/fake-osaurus.js')

module.exports = { startFakeOsaurus }
