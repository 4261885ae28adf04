//! The tuples that traits are implemented for.

/// Calls a macro with the type parameters of tuples: `A; A B; ..`, up to eight.
macro_rules! each_tuple {
    ($callback:ident) => {
        $callback! {
            A;
            A B;
            A B C;
            A B C D;
            A B C D E;
            A B C D E F;
            A B C D E F G;
            A B C D E F G H;
        }
    };
}
