// Declares the browser types that the typings of the model clients expect.
type HeadersInit = ConstructorParameters<typeof Headers>[0]
