/** Stands in for a thing of which a test names what it needs: whatever else is used fails the test. */
export function standIn<Thing extends object>(what: string, named: Partial<Thing>): Thing {
  const stranger = new Proxy(named, {
    get(target, name) {
      // Whoever waits for a thing, or prints it, asks whether it has these.
      if (name in target || typeof name === 'symbol' || name === 'then' || name === 'toJSON')
        return Reflect.get(target, name)
      throw new Error(`The test does not name ${what}.${name}.`)
    },
  })
  // The part stands in for the whole: a member that is not named throws.
  return stranger as Thing
}
