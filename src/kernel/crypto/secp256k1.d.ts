declare module "secp256k1/bindings.js" {
  const binding: import("./nativeEngine.ts").NativeSecp256k1;
  export default binding;
}
