//! Setters that all layers have which normalize their inputs.

/// The setters of the fields `center` and `scale`.
macro_rules! center_and_scale_setters {
    ($scale:literal) => {
        /// Whether the variable `beta` is added; it is by default.
        pub fn center(mut self, center: bool) -> Self {
            self.center = center;
            self
        }

        #[doc = concat!("Whether the variable `gamma` is multiplied by; it is ", $scale, "by default.")]
        pub fn scale(mut self, scale: bool) -> Self {
            self.scale = scale;
            self
        }
    };
}

/// The setter of the field `epsilon`.
macro_rules! epsilon_setter {
    ($default:literal) => {
        #[doc = concat!("The number that is added to the variance; ", $default, " by default.")]
        pub fn epsilon(mut self, epsilon: f64) -> Self {
            self.epsilon = epsilon;
            self
        }
    };
}

pub(super) use {center_and_scale_setters, epsilon_setter};
