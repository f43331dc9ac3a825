import { describe, expect, test } from 'vitest'
import { findBinary } from './service/binary.ts'

describe('the GoogleSQL analyzer', () => {
  test.each([
    [{ platform: 'win32', arch: 'x64', hasGlibc: false }, 'no binary for win32 x64'],
    [{ platform: 'linux', arch: 'x64', hasGlibc: false }, 'no binary for linux x64 with musl'],
    [{ platform: 'linux', arch: 'riscv64', hasGlibc: true }, 'no binary for linux riscv64'],
  ])('has no binary for %o, and says so', (platform, why) => {
    expect(findBinary(platform)).toEqual({ missing: expect.stringContaining(why) })
  })
})
