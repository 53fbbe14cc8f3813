// What do the tests keep in the pages of the Electron under test, beside window.osaurus?
import type { InstanceChange } from 'osaurus-discovery'

declare global {
  interface Window {
    heard: InstanceChange[]
    stopListening: () => void
    count: number
    first: InstanceChange[]
    late: InstanceChange[]
    stopLate: () => void
    inTheSameTurn: number
    /** Bridges of preload scripts that a test has written. */
    mine: { ask(): Promise<unknown> }
    eavesdropper: { ask(): Promise<unknown>; heard(): number }
    other: object
  }
}
