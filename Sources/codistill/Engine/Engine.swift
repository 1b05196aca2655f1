/// The calls from the commands into the libraries, one function each, in `Engine/`.
///
/// A command reads its options, checks them, calls one of these, and prints what comes back.
enum Engine {}
