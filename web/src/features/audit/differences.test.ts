import { describe, expect, it } from 'vitest'
import { differences } from './differences'

describe('what a change changed', () => {
  it.each([
    [{ a: 1, b: 'x' }, { a: 2, b: 'x' }, [{ field: 'a', was: '1', is: '2' }]],
    [null, { a: 'new' }, [{ field: 'a', was: null, is: 'new' }]],
    [{ a: true }, null, [{ field: 'a', was: 'true', is: null }]],
    [{ a: null }, { a: ['x'] }, [{ field: 'a', was: null, is: '["x"]' }]],
    [null, null, []],
  ])('of %j to %j', (before, after, told) => expect(differences(before, after)).toEqual(told))
})
