// Copies an app with the packages in its node_modules, as npm installs them.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { stageInstalled } = require('./pack-stage.js')

/**
 * @param {string} app the app's directory
 * @param {string} destination a directory that does not exist yet
 */
function stageApp(app, destination) {
  fs.cpSync(app, destination, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' })
  stageInstalled(path.join(destination, 'node_modules'))
}

module.exports = { stageApp }
