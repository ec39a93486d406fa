// expect: no matter
// complaint: compiles, but must not
int main() {}
