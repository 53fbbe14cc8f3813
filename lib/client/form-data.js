// Encodes form data as multipart/form-data.
'use strict'

/**
 * A `Blob` of the parts refers to the files, and is read when it is sent. It may be read more than once, with the same boundary.
 * @param {FormData} form
 * @returns {{ blob: Blob, contentType: string }}
 */
function encodeFormData(form) {
  // Loaded here, because it takes longer to load than the rest of the package together.
  const boundary = `----osaurus-discovery-${require('crypto').randomBytes(16).toString('hex')}`
  /** @type {(string | Blob)[]} */
  const parts = []
  for (const [name, value] of /** @type {any} */ (form)) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${escape(withLineBreaks(name))}"`)
    if (typeof value === 'string') parts.push(`\r\n\r\n${withLineBreaks(value)}\r\n`)
    else {
      const type = value.type || 'application/octet-stream'
      parts.push(`; filename="${escape(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n')
    }
  }
  parts.push(`--${boundary}--\r\n`)
  return { blob: new Blob(parts), contentType: `multipart/form-data; boundary=${boundary}` }
}

/** @param {string} text */
function withLineBreaks(text) {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

/** @param {string} name */
function escape(name) {
  return name.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22')
}

module.exports = { encodeFormData }
