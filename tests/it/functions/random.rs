//! `tfhub::ops::random`.

use tfhub::ops::random::{
    self, GammaOptions, NormalOptions, Sampled, UniformOptions, UnigramOptions,
};
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::{Table, calls};

/// `[tf.set_random_seed(3), ...]`: the graph's seed is set before a call.
fn seeded(g: &GraphBuilder) -> &GraphBuilder {
    g.set_random_seed(3);
    g
}

fn parts(sampled: Sampled<'_>) -> (Tensor<'_, i64>, Tensor<'_, f32>, Tensor<'_, f32>) {
    (
        sampled.sampled_candidates,
        sampled.true_expected_count,
        sampled.sampled_expected_count,
    )
}

fn variable(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable("v")
        .shape([2, 3])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    let shapes = ["[2,3]", "[?,3]", "?"];
    let lists = ["[2]", "[?]"];
    let seeds = ["[2]", "?"];
    calls!(table, {
        "tf.random.uniform([2, 3])" = |g| random::uniform::<f32>(g, [2, 3], ());
        "tf.random.uniform([], dtype=tf.float64)" = |g| random::uniform::<f64>(g, (), ());
        "tf.random.uniform((2,), dtype=tf.float16, seed=4)" = |g|
            random::uniform(g, [2usize], UniformOptions::<half::f16>::default().seed(4));
        "tf.random.uniform([2, 3], -1.0, 2.5, seed=5)" = |g|
            random::uniform(g, [2, 3], UniformOptions::default().minval(-1.0f32).maxval(2.5).seed(5));
        "tf.random.uniform([4], 1, 7, dtype=tf.int32)" = |g|
            random::uniform(g, [4], UniformOptions::default().minval(1).maxval(7i32));
        "tf.random.uniform([4], maxval=7, dtype=tf.int64, seed=-1)" = |g|
            random::uniform(g, [4], UniformOptions::default().maxval(7i64).seed(-1));
        "tf.random.uniform([4], dtype=tf.int64)" = |g|
            random::uniform(g, [4], UniformOptions::<i64>::default());
        "[tf.set_random_seed(3), tf.random.uniform([2])][1]" = |g| random::uniform::<f32>(seeded(g), [2], ());
        "[tf.set_random_seed(3), tf.random.uniform([2], seed=9)][1]" = |g|
            random::uniform(seeded(g), [2], UniformOptions::<f32>::default().seed(9));
        "tf.random.uniform([2], name='noise')" = |g| g.named("noise", || random::uniform::<f32>(g, [2], ()));
        "tf.random.uniform(shape)" = |g, shape: T| random::uniform::<f32>(g, shape, ()), [i32, i64], lists;
        "tf.random.uniform(shape, low, high, dtype=T)" = |g, shape: i64, low: f64, high: f64|
            random::uniform(g, shape, UniformOptions::default().minval(low).maxval(high)), [f64], ["[2] [] []", "? ? ?", "[3] [2,1] []"];
        "tf.random.uniform([2], low, 9, dtype=T)" = |g, low: T|
            random::uniform(g, [2], UniformOptions::<T>::default().minval(low).maxval(9)), [i32, i64], ["[]", "?"];
        "tf.random.uniform([2, 3], minval=variable('v', [2, 3]))" = |g|
            random::uniform(g, [2, 3], UniformOptions::default().minval(variable(g)));

        "tf.random.normal([2, 3])" = |g| random::normal::<f32>(g, [2, 3], ());
        "tf.random.normal([2, 3], dtype=tf.float64, seed=1)" = |g|
            random::normal(g, [2, 3], NormalOptions::<f64>::default().seed(1));
        "tf.random.normal(shape, mean, stddev, dtype=T)" = |g, shape: i32, mean: T, stddev: T|
            random::normal(g, shape, NormalOptions::default().mean(mean).stddev(stddev)),
            [f32, f64], ["[2] [] []", "? ? ?", "[?] [3] []"];
        "[tf.set_random_seed(3), tf.random.normal([2], 1.0, 2.0)][1]" = |g|
            random::normal(seeded(g), [2], NormalOptions::default().mean(1.0f32).stddev(2.0));
        "tf.random.truncated_normal([2, 3], dtype=tf.float16)" = |g| random::truncated_normal::<half::f16>(g, [2, 3], ());
        "tf.random.truncated_normal(shape, stddev=0.5, seed=7)" = |g, shape: T|
            random::truncated_normal(g, shape, NormalOptions::default().stddev(0.5f32).seed(7)), [i32, i64], lists;

        "tf.random.stateless_uniform([2, 3], seed=[1, 2])" = |g| random::stateless_uniform::<f32, _>(g, [2, 3], [1, 2], ());
        "tf.random.stateless_uniform(shape, seed, dtype=tf.float64)" = |g, shape: i64, seed: T|
            random::stateless_uniform::<f64, _>(g, shape, seed, ()), [i32, i64], ["[2] [2]", "? ?", "[?] [2]"];
        "tf.random.stateless_uniform([2], seed, 1, 10, dtype=tf.int32)" = |g, seed: T|
            random::stateless_uniform(g, [2], seed, UniformOptions::default().minval(1).maxval(10i32)), [i32, i64], seeds;
        "tf.random.stateless_uniform([2], [1, 2], dtype=tf.int32)" = |g|
            random::stateless_uniform(g, [2], [1, 2], UniformOptions::<i32>::default());
        "tf.random.stateless_normal([2], seed)" = |g, seed: T| random::stateless_normal::<f32, _>(g, [2], seed, ()), [i32, i64], seeds;
        "tf.random.stateless_normal([2], [3, 4], mean=1.0, stddev=2.0, dtype=tf.float64)" = |g|
            random::stateless_normal(g, [2], [3, 4], NormalOptions::default().mean(1.0f64).stddev(2.0));
        "tf.random.stateless_truncated_normal(shape, [3, 4])" = |g, shape: T|
            random::stateless_truncated_normal::<f32, _>(g, shape, [3, 4], ()), [i32, i64], lists;
        "tf.random.stateless_truncated_normal([2], [3, 4], stddev=2.0)" = |g|
            random::stateless_truncated_normal(g, [2], [3, 4], NormalOptions::default().stddev(2.0f32));

        "tf.random.gamma([3], alpha, dtype=T)" = |g, alpha: T| random::gamma([3], alpha, ()), [f32, f64, half::f16], ["[2]", "[?,2]", "?"];
        "tf.random.gamma(shape, alpha, beta, dtype=T, seed=2)" = |g, shape: i32, alpha: T, beta: T|
            random::gamma(shape, alpha, GammaOptions::default().beta(beta).seed(2)),
            [f32, f64], ["[1] [2] [2]", "? ? ?", "[2] [?,1] [1,?]", "[2] [3] []"];
        "tf.random.gamma([3], 0.5)" = |g| random::gamma([3], g.value(0.5f32), ());
        "tf.random.gamma([3], [0.5, 1.5], beta=[1.0, 2.0], name='times')" = |g|
            g.named("times", || random::gamma([3], g.value([0.5f32, 1.5]), GammaOptions::default().beta([1.0, 2.0])));
        "tf.random.poisson(rate, [3])" = |g, rate: T| random::poisson::<f32, _>(rate, [3], ()), [f32, f64, i32, i64], shapes;
        "tf.random.poisson(rate, shape, dtype=tf.int64, seed=8)" = |g, rate: T, shape: i32|
            random::poisson::<i64, _>(rate, shape, 8), [f32, half::f16], ["[2] [1]", "? ?"];
        "tf.random.poisson([0.5, 1.5], [2])" = |g| random::poisson::<f32, _>(g.value([0.5f32, 1.5]), [2], ());
        "tf.random.categorical(logits, 5)" = |g, logits: T| random::categorical::<i64, _>(logits, 5, ()), [f32, f64, i32], ["[2,3]", "[?,3]", "?", "[2]"];
        "tf.random.categorical(logits, n, dtype=tf.int32, seed=3)" = |g, logits: T, n: i32|
            random::categorical::<i32, _>(logits, n, 3), [f32, half::f16], ["[2,3] []", "? ?"];
        "tf.random.categorical(variable('v', [2, 3]), 2, name='c')" = |g| {
            let v = variable(g);
            g.named("c", || random::categorical::<i64, _>(v, 2, ()))
        };
        "tf.random.multinomial(logits, 5, seed=1, output_dtype=tf.int32)" = |g, logits: T|
            random::multinomial::<i32, _>(logits, 5, 1), [f32, f64], ["[2,3]", "[?,3]", "?"];
        "tf.random.stateless_categorical(logits, 5, seed)" = |g, logits: f32, seed: T|
            random::stateless_categorical::<i64, _, _>(logits, 5, seed), [i32, i64], ["[2,3] [2]", "[?,3] ?", "? ?"];
        "tf.random.stateless_multinomial(logits, 5, [1, 2], output_dtype=tf.int32)" = |g, logits: T|
            random::stateless_multinomial::<i32, _, _>(logits, 5, [1, 2]), [f32, i64], ["[2,3]", "[?,3]", "?"];
        "tf.random.shuffle(value)" = |g, value: T| random::shuffle(value, ()), [f32, bool], shapes;
        "tf.random.shuffle(variable('v', [2, 3]), seed=2)" = |g| random::shuffle(variable(g), 2);
        "[tf.set_random_seed(3), tf.random.shuffle(value, seed=2)][1]" = |g, value: T|
            { seeded(g); random::shuffle(value, 2) }, [f32], shapes;
        "tf.random_crop(value, [2, 2])" = |g, value: T| random::random_crop(value, [2, 2], ()), [f32, u8], ["[4,5]", "[?,3]", "?", "[2,2]"];
        "tf.image.random_crop(value, size, seed=4)" = |g, value: T, size: i32|
            random::random_crop(value, size, 4), [f32, i64], ["[4,5] [2]", "[?,3] [2]", "? ?"];
        "tf.random_crop(variable('v', [2, 3]), [1, 3], name='crop')" = |g| {
            let v = variable(g);
            g.named("crop", || random::random_crop(v, [1, 3], ()))
        };

        "tf.random.uniform_candidate_sampler(classes, 1, 3, True, 10)" = |g, classes: T|
            parts(random::uniform_candidate_sampler(classes, 1, 3, true, 10, ())), [i64], ["[4,1]", "[?,1]", "?", "[4]"];
        "tf.random.log_uniform_candidate_sampler(classes, 2, 3, False, 10, seed=6)" = |g, classes: T|
            parts(random::log_uniform_candidate_sampler(classes, 2, 3, false, 10, 6)), [i64], ["[4,2]", "[?,2]", "?"];
        "tf.random.learned_unigram_candidate_sampler(classes, 2, 3, True, 10)" = |g, classes: T|
            parts(random::learned_unigram_candidate_sampler(classes, 2, 3, true, 10, ())), [i64], ["[4,2]", "[?,2]", "?"];
        "tf.random.all_candidate_sampler(classes, 2, 3, True, seed=2)" = |g, classes: T|
            parts(random::all_candidate_sampler(classes, 2, 3, true, 2)), [i64], ["[4,2]", "[?,2]", "?"];
        "tf.random.fixed_unigram_candidate_sampler(classes, 1, 3, True, 4, unigrams=[0.1, 0.2, 0.3, 0.4])" = |g, classes: T|
            parts(random::fixed_unigram_candidate_sampler(classes, 1, 3, true, 4, UnigramOptions::default().unigrams([0.1, 0.2, 0.3, 0.4]))),
            [i64], ["[4,1]", "[?,1]", "?"];
        "tf.random.fixed_unigram_candidate_sampler(classes, 1, 3, True, 4, vocab_file='v.txt', distortion=0.5, num_reserved_ids=1, num_shards=2, shard=1)" = |g, classes: T|
            parts(random::fixed_unigram_candidate_sampler(classes, 1, 3, true, 4, UnigramOptions::default().vocab_file("v.txt").distortion(0.5).num_reserved_ids(1).num_shards(2).shard(1))),
            [i64], ["[4,1]"];
    });
    table
}
