// Builds texts in the format of Osaurus' access keys.
'use strict'

/** @param {unknown} claims */
function accessKeyOf(claims) {
  return `osk-v1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${'ab'.repeat(64)}`
}

module.exports = { accessKeyOf }
