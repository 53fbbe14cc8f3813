// Tests the registry of frames: what a sender shows, and what ends with a frame.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const { Contents, createFrames, navigate } = require('../support/electron/stand-ins.js')

/** @typedef {InstanceType<typeof Contents>} Stub */

/** A member that counts how often its frame went away. */
function createMember() {
  return {
    gone: 0,
    onGone() {
      this.gone += 1
    },
  }
}

describe('senderOf()', () => {
  const url = 'file:///page.html'

  test('senderOf() describes the sender frame of the event', () => {
    const contents = new Contents()
    const event = { ...contents.event(), senderFrame: { url, parent: null } }
    assert.deepEqual(createFrames().senderOf(event), { url, isMainFrame: true })
  })

  test('senderOf() describes the main frame of a webview as embedded', () => {
    const contents = new Contents()
    contents.type = 'webview'
    const event = { ...contents.event(), senderFrame: { url, parent: null } }
    assert.deepEqual(createFrames().senderOf(event), { url, isMainFrame: false })
  })

  test('senderOf() returns null for a sender frame that is null', () => {
    assert.equal(createFrames().senderOf({ ...new Contents().event(), senderFrame: null }), null)
  })

  describe('without sender frames', () => {
    const old = { old: true }

    test('without sender frames, senderOf() describes a frame as it was when it navigated', () => {
      const contents = new Contents()
      const frames = createFrames({ recordsNavigation: true, open: [contents] })
      navigate(contents, { isMainFrame: true, frameId: 1, url })
      navigate(contents, { isMainFrame: false, frameId: 2, url: 'about:blank' })
      assert.deepEqual(frames.senderOf(contents.event({ ...old, frameId: 1 })), { url, isMainFrame: true })
      assert.deepEqual(frames.senderOf(contents.event({ ...old, frameId: 2 })), {
        url: 'about:blank',
        isMainFrame: false,
      })
    })

    test('without sender frames, senderOf() returns null for a frame of an earlier page', () => {
      const contents = new Contents()
      const frames = createFrames({ recordsNavigation: true, open: [contents] })
      navigate(contents, { isMainFrame: false, frameId: 2, url })
      navigate(contents, { isMainFrame: true, frameId: 1, url })
      assert.equal(frames.senderOf(contents.event({ ...old, frameId: 2 })), null)
    })

    test('without sender frames, senderOf() returns null for a frame that never navigated', () => {
      const contents = new Contents()
      const frames = createFrames({ recordsNavigation: true, open: [contents] })
      assert.equal(frames.senderOf(contents.event(old)), null)
    })

    test('without sender frames, senderOf() remembers what a frame shows after its last member is detached', () => {
      const contents = new Contents()
      const frames = createFrames({ recordsNavigation: true, open: [contents] })
      navigate(contents, { isMainFrame: true, frameId: 1, url })
      frames.attach(contents.event(old), 'key', createMember()).detach()
      assert.deepEqual(frames.senderOf(contents.event(old)), { url, isMainFrame: true })
    })
  })
})

describe('a member', () => {
  for (const [name, emit] of /** @type {Array<[string, (contents: Stub) => void]>} */ ([
    ['the window is closed', (contents) => contents.emit('destroyed')],
    ['the render process dies', (contents) => contents.emit('render-process-gone')],
    ['the page navigates', (contents) => navigate(contents, { isMainFrame: true })],
    ['the frame navigates', (contents) => navigate(contents, { isMainFrame: false, frameId: 1 })],
  ]))
    for (const recordsNavigation of [false, true])
      test(`a member goes once when ${name}${recordsNavigation ? ', with recorded navigation' : ''}`, () => {
        const contents = new Contents()
        const frames = createFrames({ recordsNavigation })
        const [one, two] = [createMember(), createMember()]
        const attachment = frames.attach(contents.event(), 'one', one)
        frames.attach(contents.event(), 'two', two)
        emit(contents)
        emit(contents)
        assert.deepEqual([one.gone, two.gone], [1, 1])
        assert.equal(attachment.isAttached(), false)
        assert.equal(frames.memberOf(contents.event(), 'one'), undefined)
      })

  test('a member stays when another frame navigates', () => {
    const contents = new Contents()
    const member = createMember()
    const attachment = createFrames().attach(contents.event(), 'key', member)
    navigate(contents, { isMainFrame: false, frameId: 9 })
    assert.equal(member.gone, 0)
    assert.equal(attachment.isAttached(), true)
  })

  test('a member goes when a message cannot be sent to its frame', () => {
    const contents = new Contents()
    const member = createMember()
    const attachment = createFrames().attach(contents.event(), 'key', member)
    contents.closing = true
    attachment.send('channel')
    assert.equal(member.gone, 1)
  })

  test('a member is replaced, and not called back, by a member with the same key', () => {
    const contents = new Contents()
    const frames = createFrames()
    const [one, two] = [createMember(), createMember()]
    const first = frames.attach(contents.event(), 'key', one)
    frames.attach(contents.event(), 'key', two)
    assert.equal(first.isAttached(), false)
    first.detach() // Late: it must not detach the second member.
    assert.equal(frames.memberOf(contents.event(), 'key'), two)
    contents.emit('destroyed')
    assert.deepEqual([one.gone, two.gone], [0, 1])
  })

  test('a member leaves no listener on the contents when it is detached', () => {
    const contents = new Contents()
    const member = createMember()
    const attachment = createFrames().attach(contents.event(), 'key', member)
    attachment.detach()
    attachment.detach()
    assert.deepEqual(contents.eventNames(), [])
    assert.equal(member.gone, 0)
  })
})

test('close() leaves no listener on any contents', () => {
  const contents = new Contents()
  const frames = createFrames({ recordsNavigation: true, open: [contents] })
  frames.attach(contents.event(), 'key', createMember())
  frames.close()
  assert.deepEqual(contents.eventNames(), [])
})
