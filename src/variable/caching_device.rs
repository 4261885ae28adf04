//! Devices on which the value of a variable is kept.

/// The device on which the value of a variable is read once, for all uses (`caching_device`).
///
/// ```
/// use tfhub::variable::CachingDevice;
/// # let g = tfhub::GraphBuilder::new();
/// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).caching_device("/cpu:0").finish();
/// assert_eq!(kernel.value().name(), "kernel/Read/Identity:0");
/// let bias = g.get_variable::<f32>("bias").shape([2]).caching_device(CachingDevice::OfReader);
/// assert_eq!(bias.finish().value().name(), "bias/Read/Identity:0");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CachingDevice {
    /// A device by its name, within the devices of the blocks around.
    Named(String),
    /// That of the node that keeps the value, as blocks around have it (`caching_device=lambda op: op.device`).
    OfReader,
}

impl From<&str> for CachingDevice {
    fn from(name: &str) -> Self {
        CachingDevice::Named(name.to_owned())
    }
}

impl From<String> for CachingDevice {
    fn from(name: String) -> Self {
        CachingDevice::Named(name)
    }
}
