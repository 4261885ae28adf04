//! `tfhub::ops::losses`.

use half::f16;
use tfhub::ops::losses::{
    self, CrossEntropyOptions, HuberLossOptions, LogLossOptions, LossOptions, Reduction,
    TotalLossOptions, Weights,
};
use tfhub::{GraphBuilder, Variable, init, regularizer};

use super::{Table, calls};

/// Where shapes of weights or ranks are not known, Python makes conditionals; those calls are left out.
const PAIRS: [&str; 3] = ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    weighted(&mut table);
    floats(&mut table);
    entropies(&mut table);
    collections(&mut table);
    table
}

fn variable<'g>(g: &'g GraphBuilder, name: &str, shape: &[usize]) -> Variable<'g, f32> {
    let variable = g.get_variable::<f32>(name).shape(shape);
    variable.initializer(init::zeros()).finish()
}

fn reduce<'g>(reduction: Reduction) -> LossOptions<'g> {
    LossOptions::default().reduction(reduction)
}

fn weights<'g>(weights: impl Into<Weights<'g>>) -> LossOptions<'g> {
    LossOptions::default().weights(weights)
}

fn weighted(table: &mut Table) {
    calls!(table, {
        "tf.losses.compute_weighted_loss(x)" =
            |g, x: T| losses::compute_weighted_loss(x, ()), [f32, f64, i32], ["[2,3]", "[?,3]", "[]"];
        "tf.losses.compute_weighted_loss(x, reduction='none')" =
            |g, x: T| losses::compute_weighted_loss(x, reduce(Reduction::None)), [f32, f16], ["[2,3]", "[?,3]"];
        "tf.losses.compute_weighted_loss(x, reduction='weighted_sum')" =
            |g, x: T| losses::compute_weighted_loss(x, reduce(Reduction::Sum)), [f32, f16], ["[2,3]", "[?,3]"];
        "tf.losses.compute_weighted_loss(x, reduction='weighted_sum_over_batch_size')" =
            |g, x: T| losses::compute_weighted_loss(x, reduce(Reduction::SumOverBatchSize)), [f32, f64], ["[2,3]", "[?,3]", "[?,0]"];
        "tf.losses.compute_weighted_loss(x, reduction='weighted_mean')" =
            |g, x: T| losses::compute_weighted_loss(x, reduce(Reduction::Mean)), [f32, f64], ["[2,3]", "[?,3]"];
        "tf.losses.compute_weighted_loss(x, w)" =
            |g, x: T, w: T| losses::compute_weighted_loss(x, weights(w)), [f32, f64],
            ["[2,3] [2,3]", "[2,3] [2,1]", "[2,3] []", "[?,3] []", "[2,3] [3]", "[2,3] [4,3]"];
        "tf.losses.compute_weighted_loss(x, w, scope='heavy', reduction='weighted_mean')" =
            |g, x: T, w: i64| g.named("heavy", || losses::compute_weighted_loss(x, weights(w).reduction(Reduction::Mean))), [f32, f64],
            ["[2,3] [2,1]", "[?,3] []"];
        "tf.losses.compute_weighted_loss(x, 2.5, loss_collection=None)" =
            |g, x: T| losses::compute_weighted_loss(x, weights(2.5f32).loss_collection(None)), [f32, f64], ["[2,3]", "[?,3]"];
        "tf.losses.compute_weighted_loss(x, [[1.0], [2.0]])" =
            |g, x: T| losses::compute_weighted_loss(x, weights([[1.0f32], [2.0]])), [f32, f64], ["[2,3]", "[3,3]"];
        "tf.losses.compute_weighted_loss(x, variable('w', [2, 1]))" =
            |g, x: T| losses::compute_weighted_loss(x, weights(variable(g, "w", &[2, 1]))), [f32, f64], ["[2,3]", "[3,3]"];
        "tf.losses.compute_weighted_loss(x, variable('w', []), reduction='weighted_mean')" =
            |g, x: T| losses::compute_weighted_loss(x, weights(variable(g, "w", &[])).reduction(Reduction::Mean)), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.compute_weighted_loss(variable('x', [2, 3]))" =
            |g| losses::compute_weighted_loss(variable(g, "x", &[2, 3]), ());
    });
}

fn floats(table: &mut Table) {
    calls!(table, {
        "tf.losses.absolute_difference(y, x)" =
            |g, y: T, x: T| losses::absolute_difference(y, x, ()), [f32, f64, i32], PAIRS;
        "tf.losses.absolute_difference(y, x, w, scope='apart', reduction='weighted_sum')" =
            |g, y: i32, x: T, w: T| {
                let options = weights(w).reduction(Reduction::Sum);
                g.named("apart", || losses::absolute_difference(y, x, options))
            }, [f32, f64], ["[2,3] [2,3] [2,1]", "[?,3] [2,?] []"];
        "tf.losses.absolute_difference([1.0, 2.0], x)" =
            |g, x: T| losses::absolute_difference([1.0f32, 2.0], x, ()), [f32, f64], ["[2]", "[?]"];
        "tf.losses.absolute_difference(y, variable('x', [2, 3]))" =
            |g, y: T| losses::absolute_difference(y, variable(g, "x", &[2, 3]), ()), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.mean_squared_error(y, x)" =
            |g, y: T, x: T| losses::mean_squared_error(y, x, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];
        "tf.losses.mean_squared_error(y, x, 0.5, scope='mse', loss_collection='mine', reduction='weighted_sum_over_batch_size')" =
            |g, y: T, x: T| {
                let options = weights(0.5f32).loss_collection(Some("mine")).reduction(Reduction::SumOverBatchSize);
                g.named("mse", || losses::mean_squared_error(y, x, options))
            }, [f32], ["[2,3] [2,3]", "[?,3] [2,?]"];
        "tf.losses.hinge_loss(y, x)" =
            |g, y: T, x: T| losses::hinge_loss(y, x, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];
        "tf.losses.hinge_loss(y, x, w, reduction='none')" =
            |g, y: i32, x: T, w: T| losses::hinge_loss(y, x, weights(w).reduction(Reduction::None)), [f32], ["[2,3] [2,3] [2,3]"];
        "tf.losses.cosine_distance(y, x, axis=1)" =
            |g, y: T, x: T| losses::cosine_distance(y, x, 1, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]", "[2] [2]"];
        "tf.losses.cosine_distance(y, x, axis=-1, weights=w, scope='angle')" =
            |g, y: T, x: T, w: T| g.named("angle", || losses::cosine_distance(y, x, -1, weights(w))), [f32],
            ["[2,3] [2,3] [2,1]", "[?,3] [2,?] []", "[2,3] [2,3] [2,3]"];
        "tf.losses.huber_loss(y, x)" =
            |g, y: T, x: T| losses::huber_loss(y, x, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];
        "tf.losses.huber_loss(y, x, w, delta=2.5)" =
            |g, y: T, x: T, w: T| losses::huber_loss(y, x, HuberLossOptions::from(weights(w)).delta(2.5)), [f32], ["[2,3] [2,3] [1,3]", "[?,3] [2,?] []"];
        "tf.losses.log_loss(y, x)" =
            |g, y: T, x: T| losses::log_loss(y, x, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];
        "tf.losses.log_loss(y, x, w, epsilon=0.01, scope='log')" =
            |g, y: T, x: T, w: T| g.named("log", || losses::log_loss(y, x, LogLossOptions::from(weights(w)).epsilon(0.01))), [f32], ["[2,3] [2,3] [1,3]", "[?,3] [2,?] []"];
        "tf.losses.mean_pairwise_squared_error(y, x)" =
            |g, y: T, x: T| losses::mean_pairwise_squared_error(y, x, ()), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3,4] [2,3,4]", "[2,3] [3,2]"];
        "tf.losses.mean_pairwise_squared_error(y, x, w, scope='pairs')" =
            |g, y: T, x: T, w: T| g.named("pairs", || losses::mean_pairwise_squared_error(y, x, weights(w))), [f32, i32],
            ["[2,3] [2,3] [2,1]", "[?,3] [2,?] []", "[2,3] [2,3] [3]"];
        "tf.losses.mean_pairwise_squared_error(y, x, variable('w', [2, 1]))" =
            |g, y: T, x: T| losses::mean_pairwise_squared_error(y, x, weights(variable(g, "w", &[2, 1]))), [f32], ["[2,3] [2,3]"];
    });
}

fn entropies(table: &mut Table) {
    calls!(table, {
        "tf.losses.mean_squared_error(variable('y', [2, 3]), x)" =
            |g, x: T| losses::mean_squared_error(variable(g, "y", &[2, 3]), x, ()), [f32, f64], ["[2,3]", "[?,3]", "[3,2]"];
        "tf.losses.hinge_loss(variable('y', [2, 3]), variable('x', [2, 3]))" =
            |g| losses::hinge_loss(variable(g, "y", &[2, 3]), variable(g, "x", &[2, 3]), ());
        "tf.losses.log_loss(variable('y', [2, 3]), variable('x', [2, 3]))" =
            |g| losses::log_loss(variable(g, "y", &[2, 3]), variable(g, "x", &[2, 3]), ());
        "tf.losses.huber_loss(variable('y', [2, 3]), x)" =
            |g, x: T| losses::huber_loss(variable(g, "y", &[2, 3]), x, ()), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.cosine_distance(variable('y', [2, 3]), x, axis=0)" =
            |g, x: T| losses::cosine_distance(variable(g, "y", &[2, 3]), x, 0, ()), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.mean_pairwise_squared_error(variable('y', [2, 3]), variable('x', [2, 3]))" =
            |g| losses::mean_pairwise_squared_error(variable(g, "y", &[2, 3]), variable(g, "x", &[2, 3]), ());
        "tf.losses.sigmoid_cross_entropy(variable('y', [2, 3]), x, label_smoothing=0.1)" =
            |g, x: T| losses::sigmoid_cross_entropy(variable(g, "y", &[2, 3]), x, CrossEntropyOptions::default().label_smoothing(0.1)), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.softmax_cross_entropy(variable('y', [2, 3]), x, label_smoothing=0.1)" =
            |g, x: T| losses::softmax_cross_entropy(variable(g, "y", &[2, 3]), x, CrossEntropyOptions::default().label_smoothing(0.1)), [f32], ["[2,3]", "[?,3]"];
        "tf.losses.softmax_cross_entropy(variable('y', [2, 3]), x)" =
            |g, x: T| losses::softmax_cross_entropy(variable(g, "y", &[2, 3]), x, ()), [f32, f16], ["[2,3]", "[?,3]"];

        "tf.losses.sigmoid_cross_entropy(y, x)" =
            |g, y: i32, x: T| losses::sigmoid_cross_entropy(y, x, ()), [f32, f64],
            ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3] [3,2]"];
        "tf.losses.sigmoid_cross_entropy(y, x, w, label_smoothing=0.1, scope='sig')" =
            |g, y: T, x: T, w: T| g.named("sig", || losses::sigmoid_cross_entropy(y, x, CrossEntropyOptions::from(weights(w)).label_smoothing(0.1))), [f32, f16],
            ["[2,3] [2,3] [2,1]", "[?,3] [?,3] []"];
        "tf.losses.sigmoid_cross_entropy(y, variable('x', [2, 3]))" =
            |g, y: T| losses::sigmoid_cross_entropy(y, variable(g, "x", &[2, 3]), ()), [f32], ["[2,3]"];
        "tf.losses.softmax_cross_entropy(y, x)" =
            |g, y: i32, x: T| losses::softmax_cross_entropy(y, x, ()), [f32, f64],
            ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3,4] [2,3,4]", "[2,3] [3,2]"];
        "tf.losses.softmax_cross_entropy(y, x, w, label_smoothing=0.1, scope='soft')" =
            |g, y: T, x: T, w: T| g.named("soft", || losses::softmax_cross_entropy(y, x, CrossEntropyOptions::from(weights(w)).label_smoothing(0.1))), [f32, f16],
            ["[2,3] [2,3] [2]", "[?,3] [?,3] []"];
        "tf.losses.sparse_softmax_cross_entropy(y, x)" =
            |g, y: T, x: f32| losses::sparse_softmax_cross_entropy(y, x, ()), [i32, i64],
            ["[2] [2,3]", "[?] [2,?]", "[2,1] [2,3]", "[2] [2,3,1]", "[2,3] [2,3,4]", "[2] [3,4]"];
        "tf.losses.sparse_softmax_cross_entropy(y, x, w, scope='sparse')" =
            |g, y: i32, x: T, w: T| g.named("sparse", || losses::sparse_softmax_cross_entropy(y, x, weights(w))), [f32, f16],
            ["[2] [2,3] [2]", "[2] [2,3] [2,1]", "[2] [2,3] []", "[2] [2,3] [3]"];
        "tf.losses.sparse_softmax_cross_entropy(y, variable('x', [2, 3]), variable('w', [2, 1]))" =
            |g, y: T| losses::sparse_softmax_cross_entropy(y, variable(g, "x", &[2, 3]), weights(variable(g, "w", &[2, 1]))), [i64], ["[2]", "[2,1]"];
    });
}

fn collections(table: &mut Table) {
    calls!(table, {
        "(tf.losses.mean_squared_error(y, x), tf.losses.log_loss(y, x), tf.losses.get_losses())" =
            |g, y: T, x: T| (losses::mean_squared_error(y, x, ()), losses::log_loss(y, x, ()), losses::get_losses(g, ())),
            [f32], ["[2,3] [2,3]"];
        "(tf.losses.mean_squared_error(y, x), tf.losses.log_loss(y, x), tf.losses.get_losses(scope='log'))" =
            |g, y: T, x: T| (losses::mean_squared_error(y, x, ()), losses::log_loss(y, x, ()), losses::get_losses(g, "log")),
            [f32, f64], ["[2,3] [2,3]"];
        "(tf.losses.mean_squared_error(y, x), tf.losses.get_total_loss())" =
            |g, y: T, x: T| (losses::mean_squared_error(y, x, ()), losses::get_total_loss(g, ())), [f32], ["[2,3] [2,3]"];
        "(tf.losses.add_loss(x), tf.losses.add_loss(y), tf.losses.get_total_loss(name='sum'))" =
            |g, y: T, x: T| {
                losses::add_loss(x);
                losses::add_loss(y);
                g.named("sum", || losses::get_total_loss(g, ()))
            }, [f32], ["[] []"];
        "tf.losses.get_total_loss()" = |g| losses::get_total_loss(g, ());
        "tf.losses.get_regularization_loss()" = |g| losses::get_regularization_loss(g, ());
        "(tf.get_variable('v', [2], regularizer=tf.keras.regularizers.l2(0.5), use_resource=True, initializer=tf.zeros_initializer()).op, tf.losses.get_regularization_losses(), tf.losses.get_regularization_loss(), tf.losses.get_total_loss(), tf.losses.get_total_loss(name='again'))" =
            |g| {
                let v = g.get_variable::<f32>("v").shape([2]).initializer(init::zeros()).regularizer(regularizer::keras::l2(0.5)).finish();
                (
                    (v.operation(), losses::get_regularization_losses(g, ())),
                    (losses::get_regularization_loss(g, ()), losses::get_total_loss(g, ())),
                    g.named("again", || losses::get_total_loss(g, ())),
                )
            };
        "tf.losses.get_total_loss(add_regularization_losses=False)" = |g| losses::get_total_loss(g, TotalLossOptions::default().add_regularization_losses(false));
    });
}
